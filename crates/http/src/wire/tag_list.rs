//! Lists of entity tags, as `If-Match` and `If-None-Match` have them (RFC 9110 §13.1).

use actix_web::http::header::HeaderValue;
use loggia_domain::revision::Expected;

use super::entity_tag::{EntityTag, revision_of};
use crate::problem::FieldErrorCode;
use crate::problem::validation::ValueError;

/// The value of `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TagList {
    /// `*`: any existing representation.
    Any,
    /// A list of at least one tag.
    Tags(Vec<Listed>),
}

/// A tag in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    weak: bool,
    /// The tag with its quotes.
    opaque: Vec<u8>,
}

impl TagList {
    /// Parses all lines of a header, which form one list. Returns `None` if the header is absent.
    pub(crate) fn parse<'a>(
        lines: impl Iterator<Item = &'a HeaderValue>,
    ) -> Result<Option<Self>, ValueError> {
        let lines: Vec<&[u8]> = lines.map(|line| line.as_bytes().trim_ascii()).collect();
        match lines.as_slice() {
            [] => Ok(None),
            [b"*"] => Ok(Some(Self::Any)),
            lines => {
                let mut tags = Vec::new();
                for line in lines {
                    read_line(line, &mut tags).ok_or_else(malformed)?;
                }
                if tags.is_empty() { Err(malformed()) } else { Ok(Some(Self::Tags(tags))) }
            }
        }
    }

    /// Returns the revisions that the list, as the `If-Match` of a change, allows. The tag of any representation stands for the record's
    /// revision, since the record is what is guarded. A weak tag matches nothing, nor does a tag that this service cannot have created.
    pub(crate) fn expected(&self) -> Expected {
        match self {
            Self::Any => Expected::Any,
            Self::Tags(tags) => {
                let strong = tags.iter().filter(|tag| !tag.weak);
                Expected::OneOf(strong.filter_map(|tag| revision_of(&tag.opaque)).collect())
            }
        }
    }

    /// Compares as `If-Match` does: weak tags never match (RFC 9110 §13.1.1).
    pub(crate) fn matches_strongly(&self, tag: &EntityTag) -> bool {
        self.any(|listed| !listed.weak && listed.opaque == tag.as_str().as_bytes())
    }

    /// Compares as `If-None-Match` does: weak tags match like strong ones (RFC 9110 §13.1.2).
    pub(crate) fn matches_weakly(&self, tag: &EntityTag) -> bool {
        self.any(|listed| listed.opaque == tag.as_str().as_bytes())
    }

    fn any(&self, matches: impl Fn(&Listed) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(matches),
        }
    }
}

fn malformed() -> ValueError {
    ValueError::new(
        FieldErrorCode::INVALID_FORMAT,
        "must be `*`, or entity tags in double quotes with commas between them",
    )
}

/// Parses one line. Empty elements between commas are ignored (RFC 9110 §5.6.1.2).
fn read_line(line: &[u8], tags: &mut Vec<Listed>) -> Option<()> {
    let mut rest = line;
    loop {
        rest = rest.trim_ascii_start();
        match rest.first() {
            None => return Some(()),
            Some(b',') => rest = &rest[1..],
            Some(_) => {
                let (tag, after) = read_tag(rest)?;
                tags.push(tag);
                rest = after.trim_ascii_start();
                if !rest.is_empty() {
                    rest = rest.strip_prefix(b",")?;
                }
            }
        }
    }
}

fn read_tag(text: &[u8]) -> Option<(Listed, &[u8])> {
    let (weak, text) = match text.strip_prefix(b"W/") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let inside = text.strip_prefix(b"\"")?;
    let length = inside.iter().position(|byte| *byte == b'"')?;
    let is_tag_character = |byte: &u8| *byte == 0x21 || (0x23..=0x7e).contains(byte) || *byte >= 0x80;
    if !inside[..length].iter().all(is_tag_character) {
        return None;
    }
    let (opaque, after) = text.split_at(length + 2);
    Some((Listed { weak, opaque: opaque.to_vec() }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &[&str]) -> Result<Option<TagList>, ValueError> {
        let lines: Vec<_> =
            lines.iter().map(|line| HeaderValue::from_bytes(line.as_bytes()).expect("a value")).collect();
        TagList::parse(lines.iter())
    }

    fn tags(lines: &[&str]) -> Vec<(bool, String)> {
        match parse(lines) {
            Ok(Some(TagList::Tags(tags))) => {
                let text = |tag: Listed| String::from_utf8_lossy(&tag.opaque).into_owned();
                tags.into_iter().map(|tag| (tag.weak, text(tag))).collect()
            }
            other => panic!("{lines:?}: {other:?}"),
        }
    }

    #[test]
    fn tags_are_read_with_their_quotes() {
        let strong = |text: &str| (false, text.to_owned());
        assert_eq!(tags(&["\"a\""]), [strong("\"a\"")]);
        assert_eq!(tags(&["\"\""]), [strong("\"\"")]);
        assert_eq!(
            tags(&[" \"a,b\" ,, W/\"c\",\t\"!#~\u{e9}\","]),
            [strong("\"a,b\""), (true, "\"c\"".to_owned()), strong("\"!#~\u{e9}\""),]
        );
        assert_eq!(tags(&["\"a\"", "", "\"b\", \"c\""]), ["\"a\"", "\"b\"", "\"c\""].map(strong));
    }

    #[test]
    fn a_wildcard_is_the_only_tag_of_its_list() {
        assert_eq!(parse(&[]), Ok(None));
        assert_eq!(parse(&["*"]), Ok(Some(TagList::Any)));
        assert_eq!(parse(&["  * "]), Ok(Some(TagList::Any)));
        for lines in [&["*, \"a\""][..], &["\"a\", *"], &["*", "*"], &["*", "\"a\""], &["\"*\"*"], &["**"]] {
            assert_eq!(parse(lines), Err(malformed()), "{lines:?}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for line in [
            "",
            ",",
            " , ",
            "a",
            "\"",
            "\"a",
            "a\"",
            "\"a\"b",
            "\"a\" \"b\"",
            "\"a b\"",
            "\"a\tb\"",
            "w/\"a\"",
            "W/a",
            "W/ \"a\"",
            "W/",
            "'a'",
            "\"a\";q=1",
            "\"a\\\"b\"",
        ] {
            assert_eq!(parse(&[line]), Err(malformed()), "{line:?}");
        }
        assert_eq!(parse(&["\"a", "b\""]), Err(malformed()), "no tag goes on in the next line");
    }

    #[test]
    fn weak_tags_match_weakly_only() {
        let tag = EntityTag::new(3, b"{}");
        let strong = format!("\"x\", {}", tag.as_str());
        let weak = format!("W/{}", tag.as_str());
        let list = |line: &str| parse(&[line]).expect("a list").expect("a header");
        assert!(list(&strong).matches_strongly(&tag) && list(&strong).matches_weakly(&tag));
        assert!(!list(&weak).matches_strongly(&tag) && list(&weak).matches_weakly(&tag));
        assert!(TagList::Any.matches_strongly(&tag) && TagList::Any.matches_weakly(&tag));
        let other = EntityTag::new(4, b"{}");
        assert!(!list(&strong).matches_strongly(&other) && !list(&strong).matches_weakly(&other));
        assert_eq!(list(&strong).expected(), Expected::OneOf(vec![3]));
        assert_eq!(list(&weak).expected(), Expected::OneOf(Vec::new()));
        assert_eq!(TagList::Any.expected(), Expected::Any);
    }
}
