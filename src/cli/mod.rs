//! The command line: words in, words and an exit code out.
//!
//! Exit codes: 0 fine; 1 the work found faults, such as rejected rows or a draw that does not
//! verify; 2 wrong usage; 3 environment: database, file.

mod acting;
mod bundle;
mod campaign;
mod chart;
mod demo;
mod directive;
mod draw;
mod estimate;
mod history;
mod import;
mod import_results;
mod inspectors;
mod keys;
mod list;
mod offices;
mod openapi;
mod policy;
mod rates;
mod release;
mod replay;
mod results;
mod results_file;
mod risk;
pub mod serve;
mod signals;
mod verify;
mod why;

use crate::config::Settings;
use crate::domain::written::Written;
use crate::error::{Error, Result};
use clap::{Parser, Subcommand};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Export inspection sampling: declarations in, verifiable draws and honest failure rates out.
#[derive(Parser)]
#[command(name = "breeze", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve(serve::Serve),
    /// Bring the database's schema up to date
    Migrate,
    /// Import a file of declarations
    Import(import::Import),
    /// Import results that were found before Breeze
    ImportResults(import_results::ImportResults),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Register offices and inspectors
    #[command(subcommand)]
    Offices(offices::Offices),
    /// Propose, approve, check, list and explain policies
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Propose, approve, close and list campaigns
    #[command(subcommand)]
    Campaign(campaign::Campaign),
    /// Draw the sample of an office's day
    Draw(draw::Draw),
    /// Keep the secret of an auditor, release and open it: no database, no network
    #[command(subcommand)]
    Release(release::Release),
    /// Write the published files of a draw into a folder
    Bundle(bundle::Bundle),
    /// Recompute a draw from its published files: no database, no network
    Verify(verify::Verify),
    /// Show it all on a small invented world, then serve it
    Demo(demo::Demo),
    /// Order what must be inspected, close orders, list them
    #[command(subcommand)]
    Directive(directive::Directives),
    /// List what deserves somebody's attention, and look for more
    #[command(subcommand)]
    Signals(signals::Signals),
    /// Print failure rates, weighted back to all declarations
    Rates(rates::Rates),
    /// Print the control chart of a failure rate: which periods are more than noise
    Chart(chart::Chart),
    /// Say why a failure rate changed between two periods
    Why(why::Why),
    /// Print how strict inspectors are, and whose goods they meet oftener than by chance
    Inspectors(inspectors::Inspectors),
    /// Write the file from which an outsider recomputes the rates
    ResultsFile(results_file::ResultsFile),
    /// Recompute failure rates from a results file: no database, no network
    Estimate(estimate::Estimate),
    /// Print the sample list of an office's day, in working order
    List(list::List),
    /// Record the results of a file for the declarations that were drawn
    Results(results::Results),
    /// Play a policy over history whose every result is known: no database, no server
    Replay(replay::Replay),
    /// Fit, activate, explain, judge and use the risk score
    #[command(subcommand)]
    Risk(risk::Risk),
    /// Print the OpenAPI document
    Openapi,
}

/// How a command ended.
pub enum Done {
    /// As asked.
    Fine,
    /// It did its work and found faults.
    Faults,
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(matches!(cli.command, Command::Serve(_)));
    let out = Out { json: cli.json };
    match dispatch(cli, &out) {
        Ok(Done::Fine) => ExitCode::SUCCESS,
        Ok(Done::Faults) => ExitCode::from(1),
        Err(error) => {
            report(&error);
            ExitCode::from(exit_code(&error))
        }
    }
}

fn dispatch(cli: Cli, out: &Out) -> Result<Done> {
    let settings = cli.settings;
    match cli.command {
        Command::Serve(serve) => serve::run(&settings, &serve),
        Command::Migrate => settings.open().map(|_| Done::Fine),
        Command::Import(import) => import::run(&settings, &import, out),
        Command::ImportResults(ask) => import_results::run(&settings, &ask, out),
        Command::Keys(keys) => keys::run(&settings, keys, out),
        Command::Offices(offices) => offices::run(&settings, offices, out),
        Command::Policy(policy) => policy::run(&settings, policy, out),
        Command::Campaign(campaign) => campaign::run(&settings, campaign, out),
        Command::Draw(ask) => draw::run(&settings, &ask, out),
        Command::Release(ask) => release::run(ask, out),
        Command::Bundle(ask) => bundle::run(&settings, &ask, out),
        Command::Verify(ask) => verify::run(&settings, &ask, out),
        Command::Demo(ask) => demo::run(&ask, out),
        Command::Directive(directive) => directive::run(&settings, directive, out),
        Command::Signals(signals) => signals::run(&settings, signals, out),
        Command::Rates(rates) => rates::run(&settings, &rates, out),
        Command::Chart(chart) => chart::run(&settings, &chart, out),
        Command::Why(ask) => why::run(&settings, &ask, out),
        Command::Inspectors(ask) => inspectors::run(&settings, &ask, out),
        Command::ResultsFile(ask) => results_file::run(&settings, &ask, out),
        Command::Estimate(ask) => estimate::run(&ask, out),
        Command::List(list) => list::run(&settings, &list, out),
        Command::Results(results) => results::run(&settings, &results, out),
        Command::Replay(ask) => replay::run(&ask, out),
        Command::Risk(risk) => risk::run(&settings, risk, out),
        Command::Openapi => openapi::run(out),
    }
}

/// A file that people wrote: JSON where its name says so, TOML else.
fn written(file: &Path) -> Result<Written> {
    let unreadable =
        |error: std::io::Error| Error::environment(format!("{}: {error}", file.display()));
    match file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        true => std::fs::read(file).map(Written::Json).map_err(unreadable),
        false => std::fs::read_to_string(file).map(Written::Toml).map_err(unreadable),
    }
}

/// What a command prints.
pub struct Out {
    /// JSON instead of words.
    pub json: bool,
}

impl Out {
    /// Prints a value as JSON, or the words.
    ///
    /// # Errors
    /// A closed pipe.
    pub fn say(&self, value: &impl Serialize, words: impl FnOnce() -> String) -> Result<()> {
        let text = match self.json {
            true => {
                serde_json::to_string_pretty(value).map_err(|error| Error::Inner(error.into()))?
            }
            false => words(),
        };
        self.print(&format!("{text}\n"))
    }

    /// Prints a text as it is. A reader that went away (`| head`) is no fault.
    ///
    /// # Errors
    /// Anything but a closed pipe.
    pub fn print(&self, text: &str) -> Result<()> {
        match std::io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// A problem is wrong usage or a fault that was found; everything else is the environment.
fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Problem(_) => 2,
        _ => 3,
    }
}

fn report(error: &Error) {
    eprintln!("breeze: {error}");
    if let Error::Problem(problem) = error {
        for fault in &problem.errors {
            eprintln!("  {}: {} ({})", fault.pointer, fault.detail, fault.code.as_str());
        }
        eprintln!("  {}", problem.code.explanation());
    }
}

/// Structured logs on standard error: JSON while serving, short lines else.
fn log_to_stderr(serving: bool) {
    use tracing_subscriber::EnvFilter;
    let usual = if serving { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("BREEZE_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let set = if serving { log.json().try_init() } else { log.compact().try_init() };
    if let Err(error) = set {
        eprintln!("breeze: no log: {error}");
    }
}
