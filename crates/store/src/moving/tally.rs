//! What a table has in it, in a few bytes: the same for the same rows in any order.

use aws_lc_rs::digest;

use crate::value::Value;

/// How many rows, and the sum of their hashes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub rows: u64,
    sum: u128,
}

impl Tally {
    pub fn add(&mut self, row: &[Value]) {
        let mut context = digest::Context::new(&digest::SHA256);
        for value in row {
            let int;
            let (kind, bytes): (u8, &[u8]) = match value {
                Value::Null => (0, &[]),
                Value::Int(number) => {
                    int = number.to_be_bytes();
                    (1, &int)
                }
                Value::Text(text) => (2, text.as_bytes()),
                Value::Owned(text) => (2, text.as_bytes()),
                Value::Static(text) => (2, text.as_bytes()),
                Value::Id(id) => (3, id),
                Value::Hash(hash) => (3, hash),
                Value::Bytes(bytes) => (3, bytes),
            };
            context.update(&[kind]);
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        }
        let digest = context.finish();
        let head = digest.as_ref().first_chunk().map_or(0, |head| u128::from_be_bytes(*head));
        self.rows += 1;
        self.sum = self.sum.wrapping_add(head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: &[&[Value]]) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            tally.add(row);
        }
        tally
    }

    #[test]
    fn the_same_rows_in_any_order_and_nothing_else() {
        let [one, two]: [&[Value]; 2] =
            [&[Value::Int(1), Value::Owned("a".into())], &[Value::Int(2), Value::Null]];
        assert_eq!(tally(&[one, two]), tally(&[two, one]));
        let others: [&[Value]; 4] = [
            &[Value::Int(1), Value::Owned("b".into())],
            &[Value::Int(1), Value::Bytes(Box::new(*b"a"))],
            &[Value::Int(1), Value::Null],
            &[Value::Owned("a".into()), Value::Int(1)],
        ];
        for other in others {
            assert_ne!(tally(&[one, two]), tally(&[other, two]));
        }
        assert_ne!(tally(&[one, one]), tally(&[two, two]));
        assert_ne!(tally(&[one]), tally(&[one, one]));
        let shifted: [&[Value]; 2] = [
            &[Value::Owned("ab".into()), Value::Owned("c".into())],
            &[Value::Owned("a".into()), Value::Owned("bc".into())],
        ];
        assert_ne!(tally(&shifted[..1]), tally(&shifted[1..]));
    }
}
