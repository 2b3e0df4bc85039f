//! Numbers, moments, ids and names that follow from a seed and a place alone, so that anything can tell of anything
//! else without having kept it.

use chrono::{DateTime, TimeDelta, Utc};

/// What a number is drawn for, so that no two things share theirs.
#[derive(Clone, Copy)]
pub enum For {
    User,
    Partner,
    Membership,
    Connection,
    Integration,
    Thread,
    Message,
    Tenant,
    Run,
    Product,
    Campaign,
    Assignment,
    Activity,
    Words,
    Choice,
}

/// The seed.
#[derive(Clone, Copy)]
pub struct Draw(pub u64);

/// The step of SplitMix64: each bit of the outcome hangs on each bit of what goes in.
fn mixed(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Draw {
    /// A number for the `b`th of `a`.
    pub fn number(self, what: For, a: u64, b: u64) -> u64 {
        mixed(mixed(mixed(self.0 ^ ((what as u64) << 56)) ^ a) ^ b)
    }

    /// A number below a limit.
    pub fn below(self, limit: u64, what: For, a: u64, b: u64) -> u64 {
        self.number(what, a, b) % limit.max(1)
    }

    /// Bits of an id.
    pub fn bits(self, what: For, a: u64, b: u64) -> u128 {
        let high = self.number(what, a, b);
        (u128::from(high) << 64) | u128::from(mixed(high))
    }

    /// One of a list.
    pub fn one<T: Copy>(self, list: &[T], what: For, a: u64, b: u64) -> T {
        list[self.below(list.len() as u64, what, a, b) as usize]
    }
}

/// The year in which everything happened, as so many rounds in each of which every partner has one moment.
#[derive(Clone, Copy)]
pub struct Year {
    /// When the first round began.
    pub begins: DateTime<Utc>,
    /// When the last one ended.
    pub ends: DateTime<Utc>,
    /// Rounds.
    pub rounds: u64,
    /// Partners.
    pub partners: u64,
}

/// A prime that divides no number of partners: multiplied by it, partners change places.
const STRIDE: u64 = 48_271;
/// By which each round's order is moved on.
const SHIFT: u64 = 7_919;

impl Year {
    /// The partner whose turn is the `place`th of a round.
    pub fn partner(&self, round: u64, place: u64) -> u64 {
        (place * (STRIDE % self.partners) + round * SHIFT) % self.partners
    }

    /// The moment of the `place`th turn of a round.
    pub fn turn(&self, round: u64, place: u64) -> DateTime<Utc> {
        let (turns, whole) = (self.rounds * self.partners, (self.ends - self.begins).num_milliseconds());
        let at = i128::from(whole) * i128::from(round * self.partners + place) / i128::from(turns.max(1));
        self.begins + TimeDelta::milliseconds(at as i64)
    }

    /// The moment of a partner's turn in a round.
    pub fn at(&self, round: u64, partner: u64) -> DateTime<Utc> {
        let from = (partner + self.partners * SHIFT - round * SHIFT % self.partners) % self.partners;
        let place = u128::from(from) * u128::from(inverse(STRIDE % self.partners, self.partners));
        self.turn(round, (place % u128::from(self.partners)) as u64)
    }
}

/// The number by which multiplying undoes multiplying by `of`, as remainders by `by`.
fn inverse(of: u64, by: u64) -> u64 {
    let (mut old, mut new) = ((i128::from(of), 1_i128), (i128::from(by), 0_i128));
    while new.0 != 0 {
        let times = old.0 / new.0;
        (old, new) = (new, (old.0 - times * new.0, old.1 - times * new.1));
    }
    old.1.rem_euclid(i128::from(by).max(1)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_one_turn_in_each_round() {
        let begins = DateTime::from_timestamp(1_750_000_000, 0).unwrap();
        for partners in [1, 7, 1000, 10_000] {
            let year = Year { begins, ends: begins + TimeDelta::days(364), rounds: 3, partners };
            for round in 0..3 {
                let mut seen = vec![false; partners as usize];
                for place in 0..partners {
                    let partner = year.partner(round, place);
                    assert_eq!(year.at(round, partner), year.turn(round, place));
                    seen[partner as usize] = true;
                }
                assert!(seen.iter().all(|one| *one), "{partners}, round {round}");
            }
            assert!(year.turn(2, partners - 1) < year.ends);
        }
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        assert_eq!(Draw(1).number(For::User, 2, 3), Draw(1).number(For::User, 2, 3));
        assert_ne!(Draw(1).number(For::User, 2, 3), Draw(2).number(For::User, 2, 3));
        assert_ne!(Draw(1).number(For::User, 2, 3), Draw(1).number(For::Tenant, 2, 3));
        assert_ne!(Draw(1).bits(For::User, 2, 3), Draw(1).bits(For::User, 3, 2));
    }
}
