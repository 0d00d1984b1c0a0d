//! Shares and exponents as people write them in policies and campaigns: kept as integers.

use crate::domain::decimal::parse_ppm;
use crate::domain::problem::{Code, FieldError};
use serde_json::Value;

/// A share from 0 to 1 in millionths, given as a number or as text. A float prints as the shortest
/// text that reads back the same, which is what the author wrote.
///
/// # Errors
/// Anything else, more than six places.
pub fn ppm(pointer: &str, value: &Value) -> Result<u32, FieldError> {
    let text = plain(pointer, value, "a share such as 0.05")?;
    parse_ppm(&text).map_err(|_| {
        let words = format!("`{text}` is no share from 0 to 1 with at most six places");
        FieldError::new(pointer, Code::NumberOutOfRange, words)
    })
}

/// An inspection proportion in millionths: above 0, at most 1.
///
/// # Errors
/// Anything else.
pub fn proportion(pointer: &str, value: &Value) -> Result<u32, FieldError> {
    match ppm(pointer, value)? {
        0 => {
            let words = "a proportion of 0 would hide goods for ever: at least 0.000001";
            Err(FieldError::new(pointer, Code::NumberOutOfRange, words))
        }
        ppm => Ok(ppm),
    }
}

/// Largest targeting exponent, in thousandths.
const MOST_EXPONENT: u32 = 4_000;

/// A targeting exponent from 0 to 4 in thousandths.
///
/// # Errors
/// Anything else, more than three places.
pub fn exponent(pointer: &str, value: &Value) -> Result<u32, FieldError> {
    let text = plain(pointer, value, "a targeting exponent such as 2")?;
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let read = || {
        let shape = !whole.is_empty() && digits(whole) && digits(part) && part.len() <= 3;
        let milli = format!("{whole}{part:0<3}").parse::<u32>().ok().filter(|_| shape)?;
        (milli <= MOST_EXPONENT).then_some(milli)
    };
    read().ok_or_else(|| {
        let words =
            format!("`{text}` is no targeting exponent from 0 to 4 with at most three places");
        FieldError::new(pointer, Code::NumberOutOfRange, words)
    })
}

/// A share as a number: the double nearest to it, which prints as it was written.
///
/// ```
/// # use breeze::domain::share::number;
/// assert_eq!([number(50_000), number(1), number(1_000_000)], [0.05, 0.000001, 1.0]);
/// ```
pub fn number(ppm: u32) -> f64 {
    f64::from(ppm) / 1e6
}

/// A targeting exponent as a number.
pub fn exponent_number(milli: u32) -> f64 {
    f64::from(milli) / 1e3
}

/// Millionths as percent, without trailing zeros: `5 %`, `0.125 %`.
pub fn percent(ppm: u32) -> String {
    let (whole, part) = (ppm / 10_000, ppm % 10_000);
    let part = format!("{part:04}");
    match part.trim_end_matches('0') {
        "" => format!("{whole} %"),
        part => format!("{whole}.{part} %"),
    }
}

fn plain(pointer: &str, value: &Value, expected: &str) -> Result<String, FieldError> {
    match value {
        // A float as its shortest plain digits: JSON's own text would turn 0.00001 into 1e-5.
        Value::Number(number) => Ok(match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => float.to_string(),
            None => number.to_string(),
        }),
        Value::String(text) => Ok(text.clone()),
        _ => Err(FieldError::new(pointer, Code::WrongType, format!("is not {expected}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_are_read_to_the_last_place() {
        assert_eq!(ppm("", &json!(0.05)), Ok(50_000));
        assert_eq!(ppm("", &json!("0.000001")), Ok(1));
        assert_eq!(ppm("", &json!(0.000_01)), Ok(10), "whose JSON is 1e-5");
        assert_eq!(ppm("", &json!(1)), Ok(1_000_000));
        assert_eq!(exponent("", &json!(2)), Ok(2_000));
        assert_eq!(exponent("", &json!("1.25")), Ok(1_250));
        assert_eq!(exponent("", &json!(0.5)), Ok(500));
    }

    #[test]
    fn percents_have_no_more_digits_than_they_need() {
        let shown = [50_000, 1_250, 1_000_000, 1, 0, 25_000].map(percent);
        assert_eq!(shown, ["5 %", "0.125 %", "100 %", "0.0001 %", "0 %", "2.5 %"]);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for value in [json!(1.5), json!(-0.1), json!("0.0000001"), json!("5 %")] {
            assert_eq!(ppm("/floor", &value).unwrap_err().pointer, "/floor");
        }
        assert!(proportion("", &json!(0)).unwrap_err().detail.contains("hide goods"));
        for value in [json!(4.001), json!("1.2345"), json!("-1"), json!(""), json!(".5")] {
            assert!(exponent("", &value).is_err(), "{value}");
        }
    }
}
