//! The shapes that single fields must have.

/// What an id looks like, in words.
pub const ID: &str = "1 to 40 characters out of A-Z a-z 0-9 . _ / -";
/// What the id of an office or inspector looks like, in words.
pub const SHORT_ID: &str = "1 to 12 characters out of A-Z a-z 0-9 -, not hyphens alone";

/// An id of the files: `[A-Za-z0-9._/-]{1,40}`.
pub fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'-');
    (1..=40).contains(&text.len()) && text.bytes().all(fits)
}

/// The id of an office or inspector: `[A-Za-z0-9-]{1,12}`, but not hyphens alone, for `-` stands for
/// "nobody" in the sample.
pub fn is_short_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=12).contains(&text.len()) && text.bytes().all(fits) && text.bytes().any(|b| b != b'-')
}

/// The name of a beacon's chain: `[A-Za-z0-9._-]{1,64}`, long enough for a digest in hex.
pub fn is_chain(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// A day of the Gregorian calendar as `YYYYMMDD`.
pub fn is_day(text: &str) -> bool {
    text.len() == 8 && ymd(text).is_some_and(|(year, month, day)| is_date(year, month, day))
}

/// An instant in UTC as `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339, whole seconds, no leap second).
pub fn is_instant(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let time: Option<Vec<u32>> =
        time.strip_suffix('Z').and_then(|time| time.split(':').map(two_digits).collect());
    let in_range = |time: Vec<u32>| matches!(*time, [h, m, s] if h < 24 && m < 60 && s < 60);
    date.len() == 10 && is_day(&dateless(date)) && time.is_some_and(in_range)
}

/// `YYYY-MM-DD` as `YYYYMMDD`; anything else comes out as no day at all.
pub fn dateless(date: &str) -> String {
    let parts: Vec<&str> = date.split('-').collect();
    match *parts {
        [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2 => parts.concat(),
        _ => String::new(),
    }
}

/// A whole number without sign and leading zeros, below 2⁶⁴.
pub fn whole(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Days since 1970-01-01 of `YYYYMMDD`, for telling how far apart two days lie.
pub fn day_number(day: &str) -> Option<i64> {
    let (year, month, day) = ymd(day)?;
    // Years that begin in March put the leap day last; 400 of them have 146,097 days.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
    Some(i64::from(days) - 719_469)
}

/// Days from `day` (`YYYYMMDD`) to the date of `instant` (`YYYY-MM-DDT…`), both as in the header.
pub fn days_between(day: &str, instant: &str) -> Option<i64> {
    let (date, _) = instant.split_once('T')?;
    Some(day_number(&dateless(date))? - day_number(day)?)
}

fn ymd(day: &str) -> Option<(u32, u32, u32)> {
    let digits = day.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = day.parse().ok().filter(|_| digits)?;
    Some((number / 10_000, number / 100 % 100, number % 100))
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    year >= 1 && (1..=12).contains(&month) && (1..=last).contains(&day)
}

fn two_digits(text: &str) -> Option<u32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert!(is_day("20240229") && is_day("20000229") && is_day("20261130"));
        for no_day in ["20230229", "19000229", "20261131", "20261301", "2026113", "2026-1-1", ""] {
            assert!(!is_day(no_day), "{no_day}");
        }
        assert_eq!(day_number("19700101"), Some(0));
        assert_eq!(day_number("20000301"), Some(11_017));
        assert_eq!(day_number("20261124"), Some(20_781));
    }

    #[test]
    fn an_instant_is_utc_in_whole_seconds() {
        assert!(is_instant("2026-11-24T09:30:00Z"));
        for no_instant in [
            "2026-11-24T09:30:00+00:00",
            "2026-11-24T09:30:00.5Z",
            "2026-11-24t09:30:00Z",
            "2026-11-24T24:00:00Z",
            "2026-11-24T09:30:60Z",
            "2026-11-31T09:30:00Z",
            "2026-1-24T09:30:000Z",
            "20261124T09:30:00Z",
        ] {
            assert!(!is_instant(no_instant), "{no_instant}");
        }
    }

    #[test]
    fn a_whole_number_has_one_spelling() {
        assert_eq!(whole("0"), Some(0));
        assert_eq!(whole("18446744073709551615"), Some(u64::MAX));
        for spelling in ["", "00", "01", "+1", "-0", "1 ", "18446744073709551616", "1e3", "٣"] {
            assert_eq!(whole(spelling), None, "{spelling}");
        }
    }
}
