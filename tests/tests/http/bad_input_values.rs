//! Valid and invalid values for each kind of field and parameter, with the expected response.

use loggia_domain::invitation::InvitationToken;
use loggia_domain::key::KeySecret;
use serde_json::Value;

use crate::bad_input_table::{Kind, Need};

/// The expected response to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The value is accepted.
    Fine,
    /// The response is 400 and names the location with this code.
    Invalid(&'static str),
    /// The response is 404 `USER_NOT_FOUND` and names the location: a display id identifies no user.
    Nobody,
    /// The response is 404 `INVITATION_NOT_FOUND`, as for a well-formed token that no invitation has.
    NoInvitation,
}

use Verdict::{Fine, Invalid, NoInvitation, Nobody};

/// Characters that no text may have: NUL, other control characters, direction controls, noncharacters.
const FORBIDDEN: [&str; 14] = [
    "\0",
    "quay\0side",
    "quay\u{7}side",
    "\u{1b}[31mquay",
    "quay\u{7f}side",
    "quay\u{85}side",
    "quay\rside",
    "quay\u{202a}side",
    "quay\u{202c}side",
    "quay\u{202e}side",
    "quay\u{2066}side",
    "\u{2069}quay",
    "quay\u{fffe}side",
    "quay\u{fdd0}side",
];
/// Invisible characters. A name must not consist of such characters alone.
const INVISIBLE: [&str; 8] =
    ["\u{200b}", "\u{ad}", "\u{2800}", "\u{3164}", "\u{115f}", "\u{ffa0}", "\u{fe0f}", "\u{e0041}"];
/// Halves of surrogate pairs, which JSON can express and Unicode does not have.
const HALVES: [&str; 4] = [r#""\ud800""#, r#""quay\uDC00side""#, r#""\ud800\ud800""#, r#""\ud800A""#];
/// Numbers, none of which is accepted in the place of a string.
const NUMBERS: [&str; 8] =
    ["7", "-1", "1.5", "1e400", "-1e400", "9223372036854775808", "18446744073709551616", "0"];
const NO_IDS: [&str; 7] = [
    "quay",
    "0193A5B0-7C1E-7000-8000-00000000ABCD",
    "{0193a5b0-7c1e-7000-8000-00000000abcd}",
    "0193a5b07c1e7000800000000000abcd",
    " 0193a5b0-7c1e-7000-8000-00000000abcd",
    "0193a5b0-7c1e-7000-8000-00000000abc",
    "٢",
];
const NO_TIMES: [&str; 12] = [
    "2026-01-31 08:00:00Z",
    "quay",
    "2026-02-29",
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "10000-01-01",
    "20260131",
    "2026-01-31T08:00:00",
    "2026-01-31T25:00:00Z",
    "2026-01-31T08:00:00+99:00",
    " 2026-01-31",
];
const NO_ADDRESSES: [&str; 9] = [
    "quay",
    "quay@",
    "@example.com",
    "a b@example.com",
    "a@b@example.com",
    "a@-example.com",
    "a@example..com",
    "<a@example.com>",
    ".a@example.com",
];
const NO_PICTURES: [&str; 7] = [
    "quay",
    "https://",
    "ftp://example.com/a.png",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "https://example.com/a b.png",
    "HTTPS//example.com",
];
const NO_OUTLINES: [&str; 10] =
    ["0", "01", "1.", ".1", "1..2", "1.0", "-1", "1.1000000000", "1.2.3.4.5.6.7.8.9", "1.quay"];

fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

/// Returns a text of that many characters, each of several bytes.
pub(crate) fn long(characters: usize) -> String {
    "é".repeat(characters)
}

/// Returns the response to a text that is not of the kind.
fn misfit(kind: Kind) -> Verdict {
    let code = match kind {
        Kind::Token => return NoInvitation,
        Kind::Text(..) | Kind::Name(..) | Kind::Email | Kind::Url => "INVALID_CHARACTER",
        Kind::Word(_) | Kind::Includes => "NOT_ALLOWED",
        Kind::Id | Kind::SpaceId | Kind::Scope | Kind::User | Kind::UserOrNobody => "INVALID_ID",
        Kind::Time | Kind::Future => "INVALID_TIME",
        Kind::Outline => "INVALID_FORMAT",
        Kind::Number(..) | Kind::Flag | Kind::Projects => "WRONG_TYPE",
        Kind::Cursor => "INVALID_CURSOR",
        Kind::Immutable => "IMMUTABLE",
    };
    Invalid(code)
}

/// Returns texts with the expected responses. In valid ones `{project}`, `{organization}` and `{user}` stand for ids.
pub(crate) fn texts(kind: Kind) -> Vec<(String, Verdict)> {
    let bad = misfit(kind);
    let mut texts: Vec<(String, Verdict)> = FORBIDDEN.iter().map(|text| ((*text).to_owned(), bad)).collect();
    let mut more = |few: &[&str], verdict| texts.extend(few.iter().map(|text| ((*text).to_owned(), verdict)));
    match kind {
        Kind::Name(least, most) => {
            texts = self::texts(Kind::Text(least, most, false));
            let hidden = INVISIBLE.map(|text| (text.repeat(least), Invalid("INVALID_FORMAT")));
            texts.extend(hidden);
            texts.push((format!("\u{3164}{}", INVISIBLE.concat()), Invalid("INVALID_FORMAT")));
            texts.push(("\u{2764}\u{fe0f}\u{200d}\u{1f525}".to_owned(), Fine));
        }
        Kind::Text(least, most, lines) => {
            let short = if least == 0 { Fine } else { Invalid("TOO_SHORT") };
            more(&["", " ", "\u{a0}\u{2003}"], short);
            more(&["quay\nside", "quay\tside"], if lines { Fine } else { bad });
            if least > 0 {
                more(&[&long(least - 1)], short);
            }
            let padded = format!("  {}\u{3000}", long(most));
            more(&[&long(least.max(1)), &long(most), &padded], Fine);
            more(&[&long(most + 1), &"quay ".repeat(40_000)], Invalid("TOO_LONG"));
        }
        Kind::Word(words) => {
            more(words, Fine);
            let padded = format!(" {}", words[0]);
            let (upper, lower) = (words[0].to_uppercase(), words[0].to_lowercase());
            let other_case = if upper == words[0] { lower } else { upper };
            more(&["", "quay", &padded, &other_case, &"quay".repeat(50_000)], bad);
        }
        Kind::Id | Kind::SpaceId => {
            more(&["", "25"], bad);
            more(&NO_IDS, bad);
            more(&[if matches!(kind, Kind::Id) { "{project}" } else { "{space}" }], Fine);
        }
        Kind::Scope => {
            more(&["25"], bad);
            more(&NO_IDS, bad);
            more(&["", "{organization}"], Fine);
        }
        Kind::User => {
            more(&[""], bad);
            more(&NO_IDS, bad);
            more(&["25", "007", "9223372036854775808"], Nobody);
            more(&["{user}"], Fine);
        }
        Kind::UserOrNobody => {
            more(&["25"], bad);
            more(&NO_IDS, bad);
            more(&["", "{user}"], Fine);
        }
        Kind::Time => {
            more(&["", "1e400"], bad);
            more(&NO_TIMES, bad);
            more(&["2026-01-31", "2028-02-29", "2026-01-31T08:00:00.123456789+14:00", "0001-01-01"], Fine);
        }
        Kind::Future => {
            more(&["", "1e400"], bad);
            more(&NO_TIMES, bad);
            more(&["2026-01-31", "2026-02-01T08:00:00Z", "0001-01-01"], Invalid("NOT_IN_THE_FUTURE"));
            more(&["2026-02-02", "2028-02-29", "2026-02-01T08:00:00.001Z", "9999-12-31"], Fine);
        }
        Kind::Email => {
            more(&["", " ", "a@"], Invalid("TOO_SHORT"));
            more(&NO_ADDRESSES, Invalid("INVALID_FORMAT"));
            more(&["\u{3164}@example.com", "a@\u{115f}.example.com"], Invalid("INVALID_FORMAT"));
            let label = |length: usize| format!("a@{}.example.com", "b".repeat(length));
            more(&["a@xn--a.example", "a@⑴.example", &label(64)], Invalid("INVALID_FORMAT"));
            let local = |length: usize| format!("{}@example.com", "a".repeat(length));
            more(&[&local(65)], Invalid("INVALID_FORMAT"));
            more(&[&local(300), &"quay".repeat(50_000)], Invalid("TOO_LONG"));
            more(&[" new@example.com\u{3000}", "NEW+1@EXAMPLE.COM", "élise@example.com", &local(64)], Fine);
            more(&["new@BÜCHER.example", &label(63)], Fine);
        }
        Kind::Url => {
            more(&["", " "], Invalid("TOO_SHORT"));
            more(&NO_PICTURES, Invalid("INVALID_FORMAT"));
            let long = |length: usize| format!("https://example.com/{}", "a".repeat(length - 20));
            more(&[&long(2_049), &"quay".repeat(50_000)], Invalid("TOO_LONG"));
            more(&["https://example.com/a.png?b=c#d", "http://example.com", &long(2_048)], Fine);
        }
        // A flag or a list in a body is not text.
        Kind::Flag | Kind::Projects => {}
        Kind::Token => {
            let unknown = InvitationToken::from_entropy([1; 32]);
            let key = KeySecret::from_entropy([1; 32]);
            more(&["", " ", "quay", "lgi_", "{token} ", unknown.expose()], NoInvitation);
            more(&[key.expose(), &"a".repeat(5_000)], NoInvitation);
            more(&["{token}"], Fine);
        }
        Kind::Outline => {
            more(&[""], bad);
            more(&NO_OUTLINES, bad);
            more(&["7.1", "1.2.3.4.5.6.7.8", "9.999999999"], Fine);
        }
        Kind::Includes => {
            more(&["", "quay", "projects", "project,", "project, organization", "ALL"], bad);
            more(&["project,project", "all,all"], Invalid("DUPLICATE_VALUE"));
            more(&["all", "project", "createdBy,organization"], Fine);
        }
        Kind::Cursor => more(&["", "quay", "AAAA", &"A".repeat(5_000)], bad),
        Kind::Number(least, most) => {
            more(&[" 1", "+1", "1.0", "1e400", "0x10", "quay", "", "٢", "1_0"], bad);
            more(&[&least.to_string(), &most.to_string(), &format!("0{most}")], Fine);
            let powers = ["2147483648", "4294967296", "9223372036854775808", "18446744073709551616"];
            more(&powers, Invalid("OUT_OF_RANGE"));
            let (below, above) = (least - 1, most + 1);
            more(&[&below.to_string(), &above.to_string(), "-1", "-0"], Invalid("OUT_OF_RANGE"));
            more(&[&"9".repeat(5_000)], Invalid("OUT_OF_RANGE"));
        }
        Kind::Immutable => more(&["", "quay"], bad),
    }
    texts
}

/// Returns JSON values with the expected responses.
pub(crate) fn values(kind: Kind, need: Need) -> Vec<(String, Verdict)> {
    let null = if need == Need::Nullable { Fine } else { Invalid("NULL_NOT_ALLOWED") };
    if let Kind::Immutable = kind {
        let all = ["null", "7", "\"\"", "[]", "\"\\ud800\"", "\"{organization}\""];
        return all.iter().map(|value| ((*value).to_owned(), Invalid("IMMUTABLE"))).collect();
    }
    if let Kind::Flag = kind {
        let bad = ["7", "0", "\"true\"", "\"\"", "{}", "[]", "[true]", "\"\\ud800\""];
        let bad = bad.iter().map(|value| ((*value).to_owned(), Invalid("WRONG_TYPE")));
        let good = ["true", "false"].iter().map(|value| ((*value).to_owned(), Fine));
        return good.chain(bad).chain([("null".to_owned(), null)]).collect();
    }
    if let Kind::Projects = kind {
        let bad = ["7", "true", "{}", "\"\"", "\"{project}\"", "\"\\ud800\""];
        let bad = bad.iter().map(|value| ((*value).to_owned(), Invalid("WRONG_TYPE")));
        let long = (format!("[{}7]", "7,".repeat(100)), Invalid("TOO_LONG"));
        let good = ["[]", r#"[{"node_id":"{project}"}]"#, r#"[{"node_id":"{project}","role":"admin"}]"#];
        let good = good.iter().map(|value| ((*value).to_owned(), Fine));
        return good.chain(bad).chain([long, ("null".to_owned(), null)]).collect();
    }
    let mut values = vec![("null".to_owned(), null)];
    let mut more =
        |few: &[&str], verdict| values.extend(few.iter().map(|value| ((*value).to_owned(), verdict)));
    more(&["true", "{}", "[]", "[\"quay\"]", "{\"\":null}"], Invalid("WRONG_TYPE"));
    if let Kind::Number(least, most) = kind {
        more(&["\"5\"", "\"\"", "1.5", "0.1", "1e-400", "\"\\ud800\""], Invalid("WRONG_TYPE"));
        more(&[&least.to_string(), &most.to_string(), "7.0", "1e1", "-0"], Fine);
        more(&[&(least - 1).to_string(), &(most + 1).to_string(), "-1.0"], Invalid("OUT_OF_RANGE"));
        more(
            &["1e400", "-1e400", "1e300", "9223372036854775808", "-9223372036854775809"],
            Invalid("OUT_OF_RANGE"),
        );
        more(&["9223372036854775807", "2147483648", "4294967296"], Invalid("OUT_OF_RANGE"));
        return values;
    }
    for number in NUMBERS {
        let display_id = number.bytes().all(|byte| byte.is_ascii_digit());
        more(
            &[number],
            if matches!(kind, Kind::User) && display_id { Nobody } else { Invalid("WRONG_TYPE") },
        );
    }
    more(&HALVES, Invalid("INVALID_CHARACTER"));
    values.extend(texts(kind).into_iter().map(|(text, verdict)| (quote(&text), verdict)));
    values
}
