//! Problems: what is wrong with a request, which field, which rule, how to mend it.
//!
//! Every problem has a [`Code`]. Codes are stable, each has a page at `/problems/{code}`, and no
//! status code of any protocol is known here.

use std::fmt;

macro_rules! codes {
    ($($variant:ident $text:literal $title:literal $explanation:literal)*) => {
        /// The stable codes of all problems and warnings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as sent: kebab-case, never changes.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// A short title, the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// What it means and how to mend it.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    // The request as text
    MalformedJson "malformed-json" "The body is not valid JSON" "The text breaks JSON's grammar at the line and column named. Send one JSON object in UTF-8."
    MalformedBody "malformed-body" "The body could not be read" "The body ended early, was not valid gzip, or was not the encoding its headers say. Check Content-Encoding and send it again."
    MalformedToml "malformed-toml" "The file is not valid TOML" "The text breaks TOML's grammar at the line and column named."
    BadUtf8 "bad-utf8" "The text is not UTF-8" "Bytes were found that are not UTF-8. Or a text has U+FFFD, which a program puts where it could not read a text. Save the file as UTF-8 (a byte order mark is allowed), put the right words in and send it again."
    InvalidParameter "invalid-parameter" "A query parameter is not valid" "A parameter of the address is unknown or has a value that is not allowed. The detail names it and lists what is possible."
    QuestionImpossible "question-impossible" "The question cannot be answered as asked" "A period, a range of days, a split or a filter is none that exists, or the answer would be too large. The detail names the parameter, lists what is possible and says how to ask instead."
    InvalidCursor "invalid-cursor" "The cursor is not valid" "A cursor belongs to the filter and the order it was made for. Start again without a cursor."
    Invalid "invalid" "The content breaks rules" "Each entry of `errors` names a field by its pointer, the rule, and how to mend it."
    // Fields
    Required "required" "A required field is missing" "The field must be present and must not be null or empty."
    UnknownField "unknown-field" "A field is not known" "Unknown fields are refused, so that a misspelt name is never silently dropped. Check the spelling against the OpenAPI document."
    WrongType "wrong-type" "A field has the wrong type" "The value has another JSON type than the field asks for. Decimals are sent as strings, so that no digit is lost."
    IdInvalid "id-invalid" "An identifier has characters that are not allowed" "Numbers and exporter ids have 1 to 40 letters, digits, `.`, `_`, `/` or `-`; offices and inspectors 1 to 12 letters, digits or `-`."
    TooLong "too-long" "A text is too long" "Shorten the text to the length that the detail names."
    ControlCharacter "control-character" "A text has control characters" "Remove tabs, line breaks, NUL and other control characters."
    DecimalInvalid "decimal-invalid" "A number is not a decimal as asked" "Send plain digits with at most one point: at most 15 digits, at most 6 of them after the point, no sign, no exponent, no thousands separators."
    NumberOutOfRange "number-out-of-range" "A number is out of range" "The detail names the smallest and the largest value."
    TimeInvalid "time-invalid" "A time or day is not valid" "Times are RFC 3339 with an offset (2026-11-24T09:22:03+08:00); days are YYYY-MM-DD."
    ValueNotAllowed "value-not-allowed" "A value is none of those allowed" "The detail lists the values that are possible."
    DeclaredAtImplausible "declared-at-implausible" "The time of declaration is not plausible" "A live declaration may have been declared at most 90 days ago and at most 1 day ahead of the server's clock. Older ones are brought in with `historical`, by an administrator."
    CountryUnknown "country-unknown" "The destination country is unknown" "Use the ISO 3166-1 alpha-2 code of the country of destination, in capitals. `NA` is Namibia."
    CommodityUnknown "commodity-unknown" "The commodity's chapter is unknown" "A commodity code has 4 to 10 digits and begins with a chapter of the Harmonized System 2022 (01 to 97, without 77)."
    CurrencyUnknown "currency-unknown" "The currency is unknown" "Use an ISO 4217 code of a currency that has minor units."
    OfficeUnknown "office-unknown" "The office is not registered" "Register the office first, or let the import register it (`breeze import --register-offices`)."
    OfficeFixed "office-fixed" "The office of a declaration cannot change" "Office and inspection day never move with a revision. Cancel the declaration and declare anew under another number."
    DefectUnknown "defect-unknown" "The defect code is unknown" "See /v1/defect-codes for the list."
    InspectorUnknown "inspector-unknown" "The inspector is not on the office's roster" "Name an inspector of the office, or ask an administrator to add one."
    InspectorOffDuty "inspector-off-duty" "The inspector is off duty" "Name an active inspector of the office, or ask an administrator to put this one on duty."
    InspectorConflict "inspector-conflict" "The inspector has a conflict of interest with the exporter" "Name another inspector of the office, or leave the item unassigned."
    TimeZoneUnknown "time-zone-unknown" "The time zone is unknown" "Use a name of the IANA time zone database, such as Asia/Shanghai."
    // Files
    RowTooLong "row-too-long" "A row is too long" "A row has at most 65,536 bytes. A missing quotation mark at the end of a field often makes rows run together."
    QuoteUnbalanced "quote-unbalanced" "A quotation mark opens or closes in the wrong place" "A field in quotation marks ends with one, followed by a comma or the end of the row; a quotation mark inside it is doubled."
    ColumnMissing "column-missing" "A column is missing" "The first line of a CSV names its columns; the detail lists those that are needed."
    ColumnDoubled "column-doubled" "A column appears twice" "Each column may stand once in the first line."
    ColumnCount "column-count" "A row has another number of fields than the heading" "A field that holds a comma or a quotation mark must stand in quotation marks."
    NumberRepeated "number-repeated" "The declaration number stands twice in the file" "In an atomic import a number may stand once. In a file of results it may stand again only to say the same."
    EmptyFile "empty-file" "The file has no rows" "There was nothing but blank lines, or nothing at all: often a file that was not written to its end. Check it and send it again."
    ImportRefused "import-refused" "Nothing was stored, for at least one row was rejected" "The import was atomic: mend the rejected rows and send the whole file again."
    // Who
    Unauthenticated "unauthenticated" "No valid key was sent" "Send `Authorization: Bearer brz_...` with a key that is neither revoked nor expired."
    Forbidden "forbidden" "The key's role does not allow this" "Ask an administrator for a key of a role that may do this."
    NotFound "not-found" "There is no such thing" "It does not exist, or it belongs to an office outside the key's offices."
    MethodNotAllowed "method-not-allowed" "The method is not possible here" "The Allow header lists the methods that are."
    NotAcceptable "not-acceptable" "The answer cannot be given in that form" "The detail lists the media types that are possible."
    UnsupportedMediaType "unsupported-media-type" "The body has a media type that is not understood here" "The detail lists the media types that are."
    BodyTooLarge "body-too-large" "The body is too large" "The detail names the limit, which counts bytes after decompression. Split the file."
    // State
    RevisionConflict "revision-conflict" "The number is stored with other content" "Compare the fields that `errors` names. To revise it, send the same request with `If-Match: \"r<revision>\"`."
    PreconditionRequired "precondition-required" "The request must say which state it is about" "Read the current state and send its `ETag` back as `If-Match`, so that nothing is changed or approved that you have not seen."
    PreconditionFailed "precondition-failed" "It has changed since it was read" "Read the current state and decide again."
    FrameClosed "frame-closed" "The frame of its day is closed" "Nothing enters, leaves or changes after the freeze. Cancel the declaration, or declare anew under another number."
    FrameOpen "frame-open" "The frame of that day is still open" "Declarations still come in until the cut-off; ask again after the time that the detail names."
    Cancelled "cancelled" "The declaration is cancelled" "A cancelled number cannot be used again. Declare anew under another number."
    NumberTaken "number-taken" "The number is in use elsewhere" "Another office has a declaration of this number. Use another number."
    NoPolicy "no-policy" "No policy is in force on that day" "Propose a policy whose first day is not later (`breeze policy load`) and have a second person approve it (`breeze policy approve`)."
    PolicyInvalid "policy-invalid" "The policy breaks a rule" "Each entry of `errors` names the rule of the policy by its pointer, what it breaks, and how to mend it."
    NothingDrawn "nothing-drawn" "No frame was drawn in that time" "An estimate compares a policy with frames that were drawn. Choose days with draws, or replay history from files with `breeze replay`."
    AlreadyDrawn "already-drawn" "The draw is made" "There is nothing to preview: the draw of the day is made and nothing waits for another round."
    RiskModelOutdated "risk-model-outdated" "The risk model is older than the one that was active last" "It knows less than the model that was active last. Fit the recipe anew as of today and activate that."
    RiskModelNotActive "risk-model-not-active" "The risk model is not the active one" "Only the active model can be withdrawn. The list of risk models says which it is."
    CampaignInvalid "campaign-invalid" "The campaign breaks a rule" "Each entry of `errors` names the place by its pointer, what it breaks, and how to mend it."
    DirectiveInvalid "directive-invalid" "The directive breaks a rule" "Each entry of `errors` names the place by its pointer, what it breaks, and how to mend it."
    DirectiveClosed "directive-closed" "The directive is closed already" "It was closed for another reason, which stays. Read the directive to see who closed it and why."
    SignalAcknowledged "signal-acknowledged" "The signal is acknowledged already" "It was acknowledged with another note, which stays. Read the signal to see by whom."
    DayPassed "day-passed" "The day has passed" "Nothing governs days that have passed. Choose a day to come; an administrator may bring in history with `historical`."
    PeriodNotOver "period-not-over" "The period is not over" "A report is published once the last day of its month or year has passed everywhere. Until then read it live."
    OwnProposal "own-proposal" "Nobody approves an own proposal" "A policy, campaign or risk recipe needs two people: ask somebody else to approve it with a key of their own."
    AlreadyApproved "already-approved" "It is approved already" "What is approved does not change. For a policy propose the next version; close a campaign and propose another."
    NotApproved "not-approved" "It is not approved" "Only what is approved can be closed; a proposal that nobody approves takes no effect."
    AlreadyClosed "already-closed" "It is closed already" "A campaign is closed once. To inspect more again, propose another."
    NotAWorkingDay "not-a-working-day" "The office does not work on that day" "There is nothing to draw on a day off. Ask for a working day."
    AlreadyRecorded "already-recorded" "The item has a result already" "A result is corrected by an amendment of the inspection that recorded it, with a reason."
    DeclaredLive "declared-live" "The declaration was declared live" "Only a declaration that was brought in as history takes an imported result, for such a result aims the draw of coming goods. What is declared live gets its result from the inspection of its drawn item."
    TooManyLabels "too-many-labels" "There are labels of severity enough" "Over all imports of results, failures have at most 20 different labels of severity. Use those that the detail lists, or leave the severity out."
    IdTaken "id-taken" "The id is in use for something else" "Choose a fresh UUID for every inspection, and a fresh slug for every campaign. A proposed campaign is changed with PATCH."
    NotRevealed "not-revealed" "The draw is not revealed yet" "The sample is published once every item has a result, and no later than seven days after the inspection day."
    AuditorCommitmentMissing "auditor-commitment-missing" "The auditor has not committed to that draw" "The office draws with an auditor, and never without: an auditor of the office publishes a commitment (`breeze release new`), then the draw is made. For days to come an administrator may set the office's entropy."
    AlreadyCommitted "already-committed" "An auditor has committed to another secret" "A commitment is never replaced. If it is not yours, tell whoever relies on the draw."
    EntropyNotAwaited "entropy-not-awaited" "The draw does not wait for that" "The header of its frame names where entropy comes from. An auditor's release comes when the frame is frozen, the auditor's secret after the release."
    EntropyReleased "entropy-released" "Another value was released for the frame" "The draw is made from it and is never made again. Whether it was the right one shows when the auditor opens the secret."
    BeaconRoundAhead "beacon-round-ahead" "The round of the beacon has not come yet" "Send its value after the time that the detail names."
    CalendarFixed "calendar-fixed" "The time zone of an office with declarations cannot change" "Register a new office instead."
    AuditorSecretWrong "auditor-secret-wrong" "The secret does not open what the auditor committed to" "Give the secret of this office, day and round."
    IdempotencyMismatch "idempotency-mismatch" "The Idempotency-Key was used for another request" "Use a new key for a new request."
    IdempotencyInFlight "idempotency-in-flight" "A request with this Idempotency-Key is still at work" "Send the same request again in a moment: the answer will be that of the first."
    KeyIssued "key-issued" "The key was made by an earlier request" "The text of a key is shown once and kept nowhere. If it was lost, revoke the key that the detail names and ask with a new Idempotency-Key."
    // Ours
    Busy "busy" "The service is busy" "Send the same request again after the time in Retry-After; repeating is safe."
    StorageFull "storage-full" "The storage is full" "Nothing of this request was stored. The operator must free space; then send it again."
    Interrupted "interrupted" "The import broke off" "The process that worked on it stopped or died. What was accepted is kept and answers `unchanged`: send the whole file again."
    Internal "internal" "Something went wrong on our side" "The cause is in the server's log under the request id. Repeating the request is safe."
    // Warnings: accepted, with a word
    CommodityNotInEdition "commodity-not-in-edition" "The commodity code is not in HS 2022" "The chapter exists, the heading or subheading does not: an older edition or a national code. It is accepted; the chapter decides the stratum."
    ValueRounded "value-rounded" "The value was rounded to the currency's minor unit" "More decimals came than the currency has; rounded half to even."
    ZeroAmount "zero-amount" "A quantity, weight or value is zero" "It is accepted as declared."
    UnitUnknown "unit-unknown" "The unit is not among the known ones" "UN/ECE Recommendation 20 codes are known; it is accepted as declared."
}

impl Code {
    /// Finds a code by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::find(&text).ok_or_else(|| serde::de::Error::custom("unknown code"))
    }
}

impl utoipa::PartialSchema for Code {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Code {
    fn name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }
}

/// One field that breaks one rule, or deserves a warning.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// JSON pointer of the field (`/value/amount`); empty for the whole.
    pub pointer: String,
    /// The stable code.
    pub code: Code,
    /// What is wrong with this value and how to mend it.
    pub detail: String,
}

impl FieldError {
    /// A field error.
    pub fn new(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// This occurrence in words.
    pub detail: String,
    /// The fields at fault, if any.
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem without field errors.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new() }
    }

    /// The content breaks the rules that `errors` name.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.detail.clone(),
            many => format!("{} fields break rules", many.len()),
        };
        Self { code: Code::Invalid, detail, errors }
    }

    /// One field breaks one rule.
    pub fn field(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(pointer, code, detail)])
    }

    /// What stands against one of many, as errors of fields; the whole is its own field.
    pub fn into_errors(self) -> Vec<FieldError> {
        match self.errors.is_empty() {
            true => vec![FieldError::new("", self.code, self.detail)],
            false => self.errors,
        }
    }

    /// There is no such thing, or it is out of the caller's offices: nobody can tell which.
    pub fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("there is no {what} `{id}`"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}
