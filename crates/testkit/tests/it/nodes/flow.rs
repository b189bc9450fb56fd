//! Codes, refresh tokens and decisions that many want at once, half of them at each of two server processes.

use std::time::Instant;

use serde_json::{Value, json};
use writ_testkit::form;
use writ_testkit::process::{Answer, Http, LoginPage};

use super::people::{CROWD, Registered, Stage};
use super::{ISSUER, Site, manage};
use crate::flow::{CALLBACK, PASSWORD, VERIFIER, request};
use crate::process::aloud;

/// Of each kind of race.
const ROUNDS: usize = 8;
/// Refresh tokens that everybody uses; their one successor is asked for at both nodes.
const FAMILIES: usize = 3;
const ADA: &str = "ada@example.org";

/// Two nodes, and a person with a token of the tenant's own application.
struct Flow {
    stage: Stage,
    _site: Site,
    token: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Say {
    Yes,
    No,
}

/// What a code or a refresh token was exchanged for.
#[derive(Debug)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    #[track_caller]
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self { access: answer.text("access_token"), refresh: answer.text("refresh_token") }
    }
}

impl Flow {
    fn new() -> Self {
        let site = Site::new();
        let stage = Stage::of(vec![site.started(), site.started()]);
        stage.person(ADA);
        let token = stage.password_grant(&mut stage.http(0), (ADA, PASSWORD), &[]).text("access_token");
        Self { stage, _site: site, token }
    }

    fn third(&self) -> &Registered {
        &self.stage.third
    }

    /// A challenge of the third party's, begun at one of the nodes.
    fn challenge(&self, node: usize) -> String {
        let authorize = request(&self.third().client_id, &[]);
        let page = LoginPage::open(&mut self.stage.http(node), ISSUER, &authorize).unwrap();
        page.challenge().to_owned()
    }

    /// Decides as the person.
    fn decide(&self, http: &mut Http, challenge: &str, say: Say) -> Answer {
        let body = json!({ "loginChallenge": challenge, "approved": say == Say::Yes });
        manage(http, &self.token, ("POST", "/api/v1/oauth/consent"), &body.to_string())
    }

    /// A code, decided at one node and begun at the other.
    fn code(&self, node: usize) -> String {
        let challenge = self.challenge(node + 1);
        code_in(&self.decide(&mut self.stage.http(node), &challenge, Say::Yes)).unwrap()
    }

    fn redeem(&self, http: &mut Http, code: &str) -> Answer {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let form = format!("{}&{}", form(&pairs), self.third().credential.0);
        http.post("/oauth2/token", &form).unwrap()
    }

    fn refresh(&self, http: &mut Http, token: &str) -> Answer {
        let form = format!("grant_type=refresh_token&refresh_token={token}&{}", self.third().credential.0);
        http.post("/oauth2/token", &form).unwrap()
    }

    fn set_grace(&self, seconds: u32) {
        let settings = json!({ "settings": { "refresh_grace": seconds } });
        self.stage.manage(("PUT", "/api/v1/tenants/default"), &settings);
    }

    /// What each node says of a token.
    fn active(&self, token: &str) -> [bool; 2] {
        [0, 1].map(|node| self.third().credential.active(&mut self.stage.http(node), token))
    }

    /// Neither node takes anything of these any more.
    #[track_caller]
    fn are_dead(&self, tokens: &Tokens) {
        assert_eq!(self.active(&tokens.access), [false, false]);
        assert_eq!(self.active(&tokens.refresh), [false, false]);
        for node in [0, 1] {
            is_invalid_grant(&self.refresh(&mut self.stage.http(node), &tokens.refresh));
        }
    }
}

#[track_caller]
fn is_invalid_grant(answer: &Answer) {
    assert_eq!((answer.status, &*answer.text("error")), (400, "invalid_grant"), "{}", answer.body);
}

/// The code in the address that a decision leads to.
fn code_in(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let (_, rest) = body["data"]["redirectTo"].as_str()?.split_once("&code=")?;
    rest.split('&').next().map(str::to_owned)
}

/// RFC 6749 §4.1.2: one success, and then nothing of that grant is alive.
#[test]
fn of_many_who_redeem_a_code_at_two_nodes_one_succeeds_and_nothing_of_it_lives_on() {
    let (begun, flow) = (Instant::now(), Flow::new());
    let mut won_at = [0, 0];
    for round in 0..ROUNDS {
        let code = flow.code(round);
        let answers = flow.stage.crowd(|http, _| flow.redeem(http, &code));
        let won: Vec<_> = (0..CROWD).filter(|&number| answers[number].status == 200).collect();
        assert_eq!(won.len(), 1, "round {round}");
        for (number, answer) in answers.iter().enumerate() {
            if number != won[0] {
                is_invalid_grant(answer);
            }
        }
        flow.are_dead(&Tokens::of(&answers[won[0]]));
        won_at[won[0] % 2] += 1;
    }
    aloud(&format!(
        "nodes: {ROUNDS} codes, each redeemed by {CROWD} at once over 2 nodes: one success each \
         (by node {won_at:?}), nothing of it alive; {:.1?}",
        begun.elapsed()
    ));
}

/// Within the grace all get the same live successor; after it, the first to come back ends it, at both nodes.
#[test]
fn all_who_use_a_refresh_token_at_two_nodes_get_the_same_live_successor() {
    let (begun, flow) = (Instant::now(), Flow::new());
    for round in 0..FAMILIES {
        // However slow the machine is.
        flow.set_grace(300);
        let first = Tokens::of(&flow.redeem(&mut flow.stage.http(round), &flow.code(round)));
        let answers = flow.stage.crowd(|http, _| flow.refresh(http, &first.refresh));
        let successors: Vec<_> = answers.iter().map(Tokens::of).collect();
        for tokens in &successors {
            assert_ne!(tokens.refresh, first.refresh);
            assert_eq!(tokens.refresh, successors[0].refresh, "there is one successor");
            assert_eq!(flow.active(&tokens.refresh), [true, true]);
            assert_eq!(flow.active(&tokens.access), [true, true]);
        }
        flow.set_grace(0);
        for answer in flow.stage.crowd(|http, _| flow.refresh(http, &first.refresh)) {
            is_invalid_grant(&answer);
        }
        for tokens in &successors {
            flow.are_dead(tokens);
        }
    }
    aloud(&format!(
        "nodes: {FAMILIES} refresh tokens, each used by {CROWD} at once over 2 nodes: one live successor \
         within the grace, none after it; {:.1?}",
        begun.elapsed()
    ));
}

/// Without any grace, one gets a successor, and whoever comes second ends it.
#[test]
fn without_a_grace_of_many_who_use_a_refresh_token_one_succeeds_and_the_family_ends() {
    let flow = Flow::new();
    flow.set_grace(0);
    for round in 0..ROUNDS {
        let first = Tokens::of(&flow.redeem(&mut flow.stage.http(round), &flow.code(round)));
        let answers = flow.stage.crowd(|http, _| flow.refresh(http, &first.refresh));
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1, "round {round}");
        lost.into_iter().for_each(is_invalid_grant);
        flow.are_dead(&Tokens::of(won[0]));
        flow.are_dead(&first);
    }
}

/// At both nodes at once: the challenge is answered once, and a code comes of it only where that was a yes.
#[test]
fn of_many_who_decide_a_challenge_at_two_nodes_one_is_heard() {
    let (begun, flow) = (Instant::now(), Flow::new());
    let mut codes = 0;
    for round in 0..ROUNDS {
        let challenge = flow.challenge(round);
        // All of one mind, or half of them at each node of the other.
        let say = |number: usize| if round % 2 == 0 || number % 4 < 2 { Say::Yes } else { Say::No };
        let answers = flow.stage.crowd(|http, number| flow.decide(http, &challenge, say(number)));
        let heard: Vec<_> = (0..CROWD).filter(|&number| answers[number].status == 200).collect();
        assert_eq!(heard.len(), 1, "round {round}");
        let late = answers.iter().filter(|answer| answer.status != 200);
        late.for_each(|answer| assert_eq!(answer.status, 404, "{}", answer.body));
        let code = code_in(&answers[heard[0]]);
        assert_eq!(code.is_some(), say(heard[0]) == Say::Yes, "round {round}");
        if let Some(code) = code {
            codes += 1;
            let tokens = Tokens::of(&flow.redeem(&mut flow.stage.http(round), &code));
            assert_eq!(flow.active(&tokens.access), [true, true]);
        }
    }
    aloud(&format!(
        "nodes: {ROUNDS} challenges, each decided by {CROWD} at once over 2 nodes: one heard each, \
         {codes} codes; {:.1?}",
        begun.elapsed()
    ));
}
