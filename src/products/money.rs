//! Prices: in points, or in a currency of ISO 4217 with as many decimals as it has. No floating point.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::values::{Refused, shown};
use crate::web::listing::grouped;

/// The word for points, where a currency would stand.
pub const POINTS: &str = "points";

/// The highest price, in the smallest unit.
const HIGHEST: i64 = 1_000_000_000_000;

/// Currencies of ISO 4217 that people pay with: without metals, funds and codes for tests.
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL \
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD \
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR \
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES \
    VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Those without decimals.
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Those with three.
const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";

/// Points, or a currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Default for Currency {
    fn default() -> Self {
        Currency(POINTS.into())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Currency {
    /// Reads a code, or the word points.
    ///
    /// # Errors
    /// What is neither.
    pub fn parse(typed: &str) -> Result<Currency, Refused> {
        let word = typed.trim();
        if word.is_empty() || word.eq_ignore_ascii_case(POINTS) {
            return Ok(Currency::default());
        }
        let code = word.to_ascii_uppercase();
        if CURRENCIES.split_whitespace().any(|known| known == code) {
            return Ok(Currency(code));
        }
        Err(format!("“{}” is no currency. Write points, or a code of ISO 4217 like EUR.", shown(word)))
    }

    /// What is stored.
    pub fn of_stored(stored: &str) -> Currency {
        Currency(stored.to_owned())
    }

    /// The stored word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// All to choose from, points first.
    pub fn all() -> impl Iterator<Item = &'static str> {
        std::iter::once(POINTS).chain(CURRENCIES.split_whitespace())
    }

    /// Digits behind the point.
    pub fn decimals(&self) -> usize {
        let among = |codes: &str| codes.split_whitespace().any(|code| code == self.0);
        if self.0 == POINTS || among(WHOLE) {
            0
        } else if among(THREE) {
            3
        } else {
            2
        }
    }

    /// Reads an amount in this currency: its smallest units.
    ///
    /// # Errors
    /// No number, too many decimals, or too much.
    pub fn amount(&self, typed: &str) -> Result<i64, Refused> {
        let text = typed.trim();
        let wrong = || {
            let example = match self.decimals() {
                0 => "1250",
                2 => "1250.50",
                _ => "1250.500",
            };
            format!(
                "“{}” is no price in {self}. Write it with a point and without commas, like {example}.",
                shown(text)
            )
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || text.ends_with('.') {
            return Err(wrong());
        }
        let decimals = self.decimals();
        if part.len() > decimals {
            return Err(match decimals {
                0 => format!("{self} has no decimals. Write a whole number."),
                _ => format!("{self} has {decimals} decimals; this has {}.", part.len()),
            });
        }
        let amount: i64 = format!("{whole}{part:0<decimals$}").parse().map_err(|_| "That is too much.".to_owned())?;
        if amount > HIGHEST { Err("That is too much.".into()) } else { Ok(amount) }
    }
}

/// What a product costs; none where nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Price {
    /// Points, or a currency.
    pub currency: Currency,
    /// In its smallest units.
    pub amount: Option<i64>,
}

impl Price {
    /// The number as it is typed: "1250.50".
    pub fn typed(&self) -> String {
        self.amount.map(|amount| parts(amount, self.currency.decimals(), i64::to_string)).unwrap_or_default()
    }
}

fn parts(amount: i64, decimals: usize, whole: impl Fn(&i64) -> String) -> String {
    let unit = 10_i64.pow(u32::try_from(decimals).unwrap_or_default());
    match decimals {
        0 => whole(&amount),
        _ => format!("{}.{:0decimals$}", whole(&(amount / unit)), amount % unit),
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.amount {
            None => Ok(()),
            Some(1) if self.currency.as_str() == POINTS => f.write_str("1 point"),
            Some(amount) => {
                let number = parts(amount, self.currency.decimals(), |whole| grouped(*whole));
                write!(f, "{number} {}", self.currency)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(currency: &str, typed: &str) -> Result<Price, Refused> {
        let currency = Currency::parse(currency)?;
        Ok(Price { amount: Some(currency.amount(typed)?), currency })
    }

    #[test]
    fn each_currency_has_its_own_decimals() {
        for (currency, typed, amount, words) in [
            ("points", "12000", 12_000, "12,000 points"),
            ("", "1", 1, "1 point"),
            ("eur", "89", 8900, "89.00 EUR"),
            ("EUR", "1250.5", 125_050, "1,250.50 EUR"),
            ("JPY", "18000", 18_000, "18,000 JPY"),
            ("KWD", "3.125", 3125, "3.125 KWD"),
            ("USD", "0.07", 7, "0.07 USD"),
        ] {
            let found = price(currency, typed).unwrap();
            assert_eq!((found.amount, found.to_string().as_str()), (Some(amount), words));
            assert_eq!(found.currency.amount(&found.typed()), Ok(amount), "{currency} survives the form");
        }
        assert_eq!(Price::default().to_string(), "");
    }

    #[test]
    fn what_is_no_price_is_refused_in_words() {
        for (currency, typed) in [
            ("JPY", "1.5"),
            ("points", "0.5"),
            ("EUR", "1.234"),
            ("EUR", "1,250.50"),
            ("EUR", "12."),
            ("EUR", ".5"),
            ("EUR", "-3"),
            ("EUR", "1e3"),
            ("EUR", "١٢"),
            ("EUR", "99999999999999999999"),
            ("points", "1000000000001"),
            ("EURO", "1"),
            ("XXX", "1"),
        ] {
            assert!(price(currency, typed).is_err(), "{currency} {typed}");
        }
    }

    #[test]
    fn the_lists_of_decimals_are_of_known_currencies() {
        for code in WHOLE.split_whitespace().chain(THREE.split_whitespace()) {
            assert_eq!(Currency::parse(code).unwrap().as_str(), code);
        }
        assert!(Currency::all().count() > 150);
    }
}
