//! `breeze replay`: what a policy would have drawn and found over history, or over invented worlds.

mod simulate;
mod table;

use crate::cli::history::{History, any_rejected, bar, in_file, say_faults, text};
use crate::cli::{Done, Out};
use crate::domain::campaign::{self, Campaign};
use crate::domain::day;
use crate::domain::policy::{self, Policy};
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::replay::files::Read;
use crate::flow::replay::{Comparison, Played, Refit, Report, Rules, Settings, World, play};
use crate::sampling::ticket::Digest;
use crate::statistics::risk::Recipe;
use chrono::NaiveDate;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Options that invented years have no use for.
const OVER_HISTORY: [&str; 8] =
    ["declarations", "results", "policy", "time_zone", "capacity", "from", "to", "seed"];

/// Which policy over which history.
#[derive(clap::Args)]
#[command(
    override_usage = "breeze replay --declarations <FILE> --results <FILE> --policy <FILE.toml> \
    [OPTIONS]\n       breeze replay --simulate <WORLDS> [--refit <REFIT>]"
)]
pub struct Replay {
    /// Play this many invented years instead, each with equal chances and aimed by risk
    #[arg(long, value_name = "WORLDS", conflicts_with_all = OVER_HISTORY,
        value_parser = clap::value_parser!(u64).range(2..=1_000))]
    simulate: Option<u64>,
    #[command(flatten)]
    history: Option<History>,
    /// Policy file, taken as in force on all days whatever its `from`
    #[arg(long, value_name = "FILE.toml", required_unless_present = "simulate")]
    policy: Option<PathBuf>,
    /// Campaign file, on its own days; repeat for more
    #[arg(long, value_name = "FILE.toml", requires = "policy")]
    campaign: Vec<PathBuf>,
    /// Another policy file to hold it against
    #[arg(long, value_name = "FILE.toml", requires = "policy")]
    against: Option<PathBuf>,
    /// Campaign file of the other policy; repeat for more
    #[arg(long, value_name = "FILE.toml", requires = "against")]
    against_campaign: Vec<PathBuf>,
    /// Inspections a day that each office can do
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    capacity: u32,
    /// First day
    #[arg(long, value_parser = day::parse)]
    from: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_parser = day::parse)]
    to: Option<NaiveDate>,
    /// How often the risk score learns: daily, weekly, monthly, never (no risk score)
    #[arg(long, default_value = "monthly", value_parser = refit)]
    refit: Refit,
    /// 64 hex digits from which all draws come [default: zeros]
    #[arg(long, value_name = "HEX", value_parser = seed)]
    seed: Option<Digest>,
}

fn refit(word: &str) -> Result<Refit, String> {
    Refit::find(word).ok_or_else(|| "choose daily, weekly, monthly or never".into())
}

fn seed(digits: &str) -> Result<Digest, String> {
    let bytes = hex::decode(digits).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| "give 64 hex digits".into())
}

/// What was replayed, and what came of it.
#[derive(Serialize)]
struct Answer {
    read: Read,
    policy: String,
    against: Option<String>,
    capacity: u32,
    refit: Refit,
    seed: String,
    replay: Report,
    replay_against: Option<Report>,
    comparison: Option<Comparison>,
}

/// A policy with its campaigns.
struct Side {
    policy: Policy,
    campaigns: Vec<Campaign>,
}

/// Does it.
///
/// # Errors
/// Files that cannot be read, or are none of those asked for; a period without declarations.
pub fn run(ask: &Replay, out: &Out) -> Result<Done> {
    match (ask.simulate, &ask.history, &ask.policy) {
        (Some(worlds), ..) => simulate::run(worlds, ask.refit, out),
        (None, Some(history), Some(policy)) => over_history(ask, history, policy, out),
        // clap lets nothing else through.
        _ => {
            Err(Problem::new(Code::Required, "name --declarations, --results and --policy").into())
        }
    }
}

fn over_history(ask: &Replay, history: &History, policy: &Path, out: &Out) -> Result<Done> {
    if let (Some(from), Some(to)) = (ask.from, ask.to)
        && from > to
    {
        let words = format!("--from {from} lies after --to {to}: exchange them");
        return Err(Problem::new(Code::InvalidParameter, words).into());
    }
    let first = Side::read(policy, &ask.campaign)?;
    let against = ask.against.as_ref().map(|file| Side::read(file, &ask.against_campaign));
    let against = against.transpose()?;
    let (world, read) = history.read()?;
    say_faults(&read);
    let world = between(world, ask)?;
    let settings = Settings {
        capacity: ask.capacity,
        refit: ask.refit,
        recipe: Recipe::default(),
        seed: ask.seed.unwrap_or_default(),
    };
    let replay = first.play(&world, &settings, "replaying")?;
    let other = against.as_ref().map(|side| side.play(&world, &settings, "replaying the other"));
    let other = other.transpose()?;
    let comparison = against.as_ref().zip(other.as_ref()).map(|(side, other)| {
        Comparison::of(&world, (first.rules(), &replay), (side.rules(), other))
    });
    let answer = Answer {
        read,
        policy: first.name(policy),
        against: against.as_ref().zip(ask.against.as_ref()).map(|(side, file)| side.name(file)),
        capacity: ask.capacity,
        refit: ask.refit,
        seed: hex::encode(settings.seed),
        replay,
        replay_against: other,
        comparison,
    };
    out.say(&answer, || table::words(&answer))?;
    Ok(if any_rejected(&answer.read) { Done::Faults } else { Done::Fine })
}

fn between(world: World, ask: &Replay) -> Result<World> {
    let world = world.between(ask.from, ask.to);
    if world.declared().is_empty() {
        let words = "no declaration with a result lies between --from and --to: choose other days";
        return Err(Problem::new(Code::InvalidParameter, words).into());
    }
    Ok(world)
}

impl Side {
    fn read(file: &Path, campaigns: &[PathBuf]) -> Result<Self> {
        let policy = policy::parse_toml(&text(file)?, 1).map_err(in_file(file))?;
        let campaign =
            |file: &PathBuf| campaign::parse_toml(&text(file)?).map_err(in_file(file.as_path()));
        let campaigns = campaigns.iter().map(campaign).collect::<Result<_, Error>>()?;
        Ok(Self { policy, campaigns })
    }

    fn rules(&self) -> Rules<'_> {
        Rules { policy: &self.policy, campaigns: &self.campaigns }
    }

    /// The policy's id with the file it came from, for two files may say the same id.
    fn name(&self, file: &Path) -> String {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        format!("{} ({})", self.policy.id, name.unwrap_or_default())
    }

    fn play(&self, world: &World, settings: &Settings, what: &'static str) -> Result<Report> {
        let bar = bar(u64::try_from(world.declared().len()).unwrap_or(u64::MAX), what);
        let mut tell = |done: usize| bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        let played = play(world, self.rules(), settings, &mut tell);
        bar.finish_and_clear();
        played.map(|Played { report, .. }| report)
    }
}
