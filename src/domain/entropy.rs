//! Where an office's draws take entropy from besides the operator's secret, and since which day.

use crate::domain::problem::{Code, FieldError};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::fmt;

/// A chain of public randomness: round 1 came at `genesis`, and every `period` seconds one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Its name, as the frame's header has it.
    pub name: &'static str,
    /// When round 1 came, in seconds since 1970, UTC.
    pub genesis: i64,
    /// Seconds from round to round.
    pub period: i64,
}

/// The chains there are: those of the drand network, by its own names and chain information.
pub const CHAINS: [Chain; 2] = [
    Chain { name: "quicknet", genesis: 1_692_803_367, period: 3 },
    Chain { name: "default", genesis: 1_595_431_050, period: 30 },
];

/// How long after the closing of a frame its round comes, at least: in that time whoever wants to
/// can fetch the digest of the frame and know that it was there before the value was.
pub const AHEAD: TimeDelta = TimeDelta::minutes(10);

impl Chain {
    /// The first round that comes at least [`AHEAD`] after an instant.
    ///
    /// ```
    /// # use breeze::domain::entropy::{AHEAD, CHAINS};
    /// let midnight: chrono::DateTime<chrono::Utc> = "2026-04-20T00:00:00Z".parse().unwrap();
    /// assert_eq!(CHAINS[0].round_after(midnight - AHEAD), 27_946_612);
    /// assert_eq!(CHAINS[0].time_of(27_946_612), Some(midnight));
    /// ```
    pub fn round_after(&self, at: DateTime<Utc>) -> u64 {
        let earliest = at.checked_add_signed(AHEAD).unwrap_or(at);
        let since = (earliest.timestamp() - self.genesis).max(0);
        // Whole seconds count, so what lies inside a second is beyond its beginning.
        let since = since + i64::from(earliest.timestamp_subsec_nanos() > 0);
        let rounds = since / self.period + i64::from(since % self.period > 0);
        u64::try_from(rounds).unwrap_or(0) + 1
    }

    /// When a round comes; `None` beyond the end of time.
    pub fn time_of(&self, round: u64) -> Option<DateTime<Utc>> {
        let later = i64::try_from(round.checked_sub(1)?).ok()?.checked_mul(self.period)?;
        DateTime::from_timestamp(self.genesis.checked_add(later)?, 0)
    }

    /// Finds a chain by its name.
    pub fn find(name: &str) -> Option<Self> {
        CHAINS.into_iter().find(|chain| chain.name == name)
    }
}

/// Where entropy comes from after the freeze.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntropySource {
    /// From nowhere: who holds the master key can predict and steer the draw.
    #[default]
    None,
    /// An auditor who committed to a secret releases a value on sight of the frozen frame.
    Auditor,
    /// A round of public randomness that lies after the closing of the frame.
    Beacon(Chain),
}

impl fmt::Display for EntropySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Auditor => f.write_str("auditor"),
            Self::Beacon(chain) => write!(f, "beacon:{}", chain.name),
        }
    }
}

impl EntropySource {
    /// Finds a source by its text: `none`, `auditor`, `beacon:quicknet`.
    ///
    /// ```
    /// # use breeze::domain::entropy::EntropySource;
    /// assert_eq!(EntropySource::find("auditor"), Some(EntropySource::Auditor));
    /// assert_eq!(EntropySource::find("beacon:dice"), None);
    /// ```
    pub fn find(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "auditor" => Some(Self::Auditor),
            text => Chain::find(text.strip_prefix("beacon:")?).map(Self::Beacon),
        }
    }

    /// [`EntropySource::find`] for a field of a request.
    ///
    /// # Errors
    /// A text that names no source.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        Self::find(text).ok_or_else(|| {
            let chains = CHAINS.map(|chain| format!("`beacon:{}`", chain.name)).join(", ");
            let words = format!("entropy is `none`, `auditor` or one of {chains}");
            FieldError::new(pointer, Code::ValueNotAllowed, words)
        })
    }
}

/// The sources an office has had, so that a change never touches a day that is open or was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntropySettings(pub Vec<(NaiveDate, EntropySource)>);

impl EntropySettings {
    /// The source of a day: of the settings that begin no later, the one that was made last.
    pub fn on(&self, day: NaiveDate) -> EntropySource {
        let made = self.0.iter().rev().find(|(from, _)| *from <= day);
        made.map_or(EntropySource::None, |(_, source)| *source)
    }

    /// The source that was set last.
    pub fn latest(&self) -> EntropySource {
        self.0.last().map_or(EntropySource::None, |(_, source)| *source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_holds_from_its_day_on_and_the_last_one_made_wins() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let made = vec![
            (day("2026-11-25"), EntropySource::Auditor),
            (day("2026-12-01"), EntropySource::None),
            (day("2026-11-28"), EntropySource::Beacon(CHAINS[0])),
        ];
        let settings = EntropySettings(made);
        let on = |text: &str| settings.on(day(text)).to_string();
        assert_eq!(on("2026-11-24"), "none");
        assert_eq!(on("2026-11-27"), "auditor");
        assert_eq!(
            (on("2026-11-28"), on("2026-12-02")),
            (on("2026-11-28"), "beacon:quicknet".into())
        );
        assert_eq!(settings.latest(), EntropySource::Beacon(CHAINS[0]));
    }

    #[test]
    fn a_round_never_comes_before_its_frame_has_been_closed_for_a_while() {
        let start: DateTime<Utc> = "2026-11-23T22:00:00.500Z".parse().unwrap();
        for chain in CHAINS {
            for second in 0..60 {
                let closed = start + TimeDelta::seconds(second);
                let comes = chain.time_of(chain.round_after(closed)).unwrap();
                let after = comes - closed;
                assert!(after >= AHEAD && after <= AHEAD + TimeDelta::seconds(chain.period));
            }
        }
        let early = DateTime::from_timestamp(0, 0).unwrap();
        assert_eq!(CHAINS[0].round_after(early), 1);
    }
}
