//! How fast a client may get tokens: a bucket of its own, which fills up evenly.

use std::ops::RangeInclusive;

use super::read::ClientReader;
use super::{TokenSetting, Update};
use crate::reason::Reason;

/// Tokens a second for good, and how many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRate {
    rate: u32,
    burst: Option<u32>,
}

impl TokenRate {
    /// Tokens a second that can be chosen.
    pub const RATES: RangeInclusive<i64> = 1..=1_000_000;
    /// Tokens at once that can be chosen.
    pub const BURSTS: RangeInclusive<i64> = 1..=2_000_000;
    /// Where nobody chooses: 10,000 a second, half of what a core issues. No honest client meets it.
    pub const DEFAULT: Self = Self { rate: 10_000, burst: None };

    /// So many a second, and at once so many, or what comes in two seconds. What is out of bounds is brought into them:
    /// whoever takes a choice in says so before.
    pub fn new(rate: u32, burst: Option<u32>) -> Self {
        let burst = burst.map(|burst| brought_into(burst, &Self::BURSTS));
        Self { rate: brought_into(rate, &Self::RATES), burst }
    }

    /// Tokens a second.
    pub const fn rate(self) -> u32 {
        self.rate
    }

    /// Tokens at once, as they were chosen.
    pub const fn chosen_burst(self) -> Option<u32> {
        self.burst
    }

    /// Tokens at once.
    pub const fn burst(self) -> u32 {
        match self.burst {
            Some(burst) => burst,
            None => self.rate.saturating_mul(2),
        }
    }
}

/// A number within bounds that a `u32` can have.
fn brought_into(number: u32, bounds: &RangeInclusive<i64>) -> u32 {
    u32::try_from(i64::from(number).min(*bounds.end()).max(*bounds.start())).unwrap_or(number)
}

/// A number that was sent, where it is within bounds.
pub fn within(sent: i64, bounds: &RangeInclusive<i64>) -> Result<u32, Reason> {
    let wrong = || Reason::WholeNumberWithin { least: bounds.start().into(), most: bounds.end().into() };
    u32::try_from(sent).ok().filter(|_| bounds.contains(&sent)).ok_or_else(wrong)
}

/// What shall become of a client's rate, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct TokenRatePatch {
    /// Tokens a second.
    pub rate: Update<i64>,
    /// Tokens at once.
    pub burst: Update<i64>,
}

impl TokenRatePatch {
    /// The patch that says what the rate is.
    pub(super) fn restating(held: Option<TokenRate>) -> Self {
        Self {
            rate: Update::sent(Some(held.map(|held| held.rate.into()))),
            burst: Update::sent(Some(held.and_then(|held| held.burst).map(i64::from))),
        }
    }

    /// Changes the rate. A burst goes with the rate that it was chosen for.
    pub(super) fn apply_to(&self, held: &mut Option<TokenRate>, reader: &mut ClientReader<'_>) {
        let before = *held;
        let rate = sent(TokenSetting::TokenRate, &self.rate, (&TokenRate::RATES, reader))
            .over(before.map(TokenRate::rate));
        let burst = sent(TokenSetting::TokenBurst, &self.burst, (&TokenRate::BURSTS, reader));
        if rate.is_none()
            && matches!(burst, Update::Set(_))
            && !reader.violations.has(&TokenSetting::TokenRate.into())
        {
            reader.violations.note(TokenSetting::TokenBurst, Reason::NeedsTokenRate);
        }
        let burst = burst.over(before.and_then(TokenRate::chosen_burst));
        *held = rate.map(|rate| TokenRate::new(rate, burst));
        within_reach(before, *held, reader);
    }
}

/// A number, where it can be read; what is wrong with it is noted.
fn sent(
    name: TokenSetting,
    update: &Update<i64>,
    (bounds, reader): (&RangeInclusive<i64>, &mut ClientReader<'_>),
) -> Update<u32> {
    match update {
        Update::Keep => Update::Keep,
        Update::Clear => Update::Clear,
        Update::Set(sent) => match within(*sent, bounds) {
            Ok(number) => Update::Set(number),
            Err(why) => {
                reader.violations.note(name, why);
                Update::Keep
            }
        },
    }
}

/// Nobody but an operator gives a client more than the tenant's clients have; what it has already it may keep.
fn within_reach(before: Option<TokenRate>, after: Option<TokenRate>, reader: &mut ClientReader<'_>) {
    let (Some(most), Some(after)) = (reader.rules.token_rate_max, after) else { return };
    let held = before.unwrap_or(most);
    let pairs = [
        (TokenSetting::TokenRate, after.rate, most.rate.max(held.rate)),
        (TokenSetting::TokenBurst, after.burst(), most.burst().max(held.burst())),
    ];
    for (name, sent, most) in pairs {
        if sent > most {
            let why = Reason::RateAboveLimit { sent: sent.into(), most: most.into() };
            reader.violations.note(name, why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, web};
    use super::super::{ClientPatch, ClientSettingsPatch, Field, Profile, RegisteredClient, Rules};
    use super::*;
    use crate::violation::Violations;

    fn patch(rate: Update<i64>, burst: Update<i64>) -> ClientPatch {
        let rate = TokenRatePatch { rate, burst };
        let settings = ClientSettingsPatch { rate, ..ClientSettingsPatch::default() };
        ClientPatch { settings, ..ClientPatch::default() }
    }

    fn with(rate: u32, burst: Option<u32>) -> RegisteredClient {
        let mut client = web();
        client.client.tokens.choices.rate = Some(TokenRate::new(rate, burst));
        client
    }

    fn after(
        found: &RegisteredClient,
        patch: &ClientPatch,
        most: Option<TokenRate>,
    ) -> Result<Option<TokenRate>, Violations> {
        let rules = Rules { token_rate_max: most, ..Rules::of(Profile::OWN) };
        Ok(patch.apply(found, &rules)?.client.tokens.choices.rate)
    }

    #[test]
    fn where_no_burst_is_chosen_it_is_what_comes_in_two_seconds() {
        assert_eq!((TokenRate::DEFAULT.rate(), TokenRate::DEFAULT.burst()), (10_000, 20_000));
        assert_eq!(TokenRate::new(5, Some(1)).burst(), 1);
        assert_eq!(TokenRate::new(0, Some(0)), TokenRate::new(1, Some(1)));
        assert_eq!(TokenRate::new(u32::MAX, None).burst(), 2_000_000);
    }

    #[test]
    fn what_is_not_sent_stays_and_a_burst_goes_with_its_rate() {
        let (keep, clear, set) = (|| Update::Keep, || Update::Clear, Update::Set);
        let found = with(50, Some(70));
        let after = |rate, burst| after(&found, &patch(rate, burst), None).unwrap();
        assert_eq!(after(keep(), keep()), Some(TokenRate::new(50, Some(70))));
        assert_eq!(after(set(60), keep()), Some(TokenRate::new(60, Some(70))));
        assert_eq!(after(set(60), clear()), Some(TokenRate::new(60, None)));
        assert_eq!(after(keep(), set(1)), Some(TokenRate::new(50, Some(1))));
        assert_eq!(after(clear(), keep()), None);
        let restated = TokenRatePatch::restating(Some(TokenRate::new(50, None)));
        assert_eq!(after(restated.rate, restated.burst), Some(TokenRate::new(50, None)));
    }

    #[test]
    fn a_burst_alone_and_what_is_out_of_bounds_are_refused() {
        let (rate, burst) = (Field::from(TokenSetting::TokenRate), Field::from(TokenSetting::TokenBurst));
        let wrong = |found: &RegisteredClient, by: ClientPatch| fields(&after(found, &by, None).unwrap_err());
        let alone = std::slice::from_ref(&burst);
        assert_eq!(wrong(&web(), patch(Update::Keep, Update::Set(3))), alone);
        assert_eq!(wrong(&with(1, None), patch(Update::Clear, Update::Set(3))), alone);
        for number in [0, -1, 2_000_001, i64::MAX, i64::MIN] {
            let by = patch(Update::Set(number), Update::Set(number));
            assert_eq!(wrong(&web(), by), [rate.clone(), burst.clone()], "{number}");
        }
    }

    #[test]
    fn only_an_operator_gives_more_than_the_tenant_has() {
        let most = Some(TokenRate::new(100, Some(300)));
        let (rate, burst) = (Field::from(TokenSetting::TokenRate), Field::from(TokenSetting::TokenBurst));
        let up = |found: &RegisteredClient, rate, burst| {
            after(found, &patch(Update::Set(rate), burst), most).map_err(|wrong| fields(&wrong))
        };
        assert_eq!(up(&web(), 100, Update::Set(300)), Ok(Some(TokenRate::new(100, Some(300)))));
        assert_eq!(up(&web(), 101, Update::Set(301)), Err(vec![rate.clone(), burst]));
        // What an operator gave may be lowered, and is kept by whoever changes something else.
        assert_eq!(up(&with(900, Some(901)), 900, Update::Keep), Ok(Some(TokenRate::new(900, Some(901)))));
        assert_eq!(up(&with(900, Some(901)), 800, Update::Keep), Ok(Some(TokenRate::new(800, Some(901)))));
        assert_eq!(up(&with(900, Some(901)), 902, Update::Keep), Err(vec![rate]));
        assert!(after(&web(), &patch(Update::Set(1_000_000), Update::Keep), None).is_ok(), "an operator");
    }
}
