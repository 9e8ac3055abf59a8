//! Lists: single pages, and all pages as a stream.

use futures_util::stream::{self, Stream, StreamExt as _};
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::call::{Call, Query, Reply, Segment};
use crate::client::Client;
use crate::error::Error;

/// The names of the query parameters by which a dialect pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    size: &'static str,
    position: &'static str,
}

/// `/api/v1`: the next page is in the header `Link`.
pub(crate) const BY_LINK: Paging = Paging { size: "limit", position: "offset" };
/// `/v2`: the next page is a cursor in the body.
pub(crate) const BY_CURSOR: Paging = Paging { size: "per_page", position: "page" };

/// A list that is not read yet.
///
/// [`stream`](Self::stream) reads one page after the other; [`page`](Self::page) and [`page_after`](Self::page_after) read single ones.
/// A record that is created, deleted or moved in the order while a program reads may be missing or come twice; every other record comes
/// once.
#[derive(Debug)]
#[must_use = "a list sends nothing until `stream` or `page` is called"]
pub struct List<T> {
    client: Client,
    call: Call,
    query: Query,
    paging: Paging,
    read: fn(&Reply) -> Result<Contents<T>, Error>,
}

/// The contents of a page, as a body has them.
pub(crate) struct Contents<T> {
    records: Vec<T>,
    total: Option<u64>,
    cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records.
    pub records: Vec<T>,
    /// The number of records in the whole list: in the lists of projects, rosters and tasks, and elsewhere if the filter counts them.
    pub total: Option<u64>,
    next: Option<Url>,
}

impl<T> Page<T> {
    /// Returns `true` if there is a page after this one.
    pub const fn has_next(&self) -> bool {
        self.next.is_some()
    }

    /// Returns the cursor of the next page, to continue in another program by [`List::from_cursor`].
    pub fn next_cursor(&self) -> Option<String> {
        let mut pairs = self.next.as_ref()?.query_pairs();
        pairs.find_map(|(name, value)| (name == "cursor").then(|| value.into_owned()))
    }
}

/// A body of `/api/v1`.
#[derive(Deserialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

/// A page of `/v2`.
#[derive(Deserialize)]
struct NumberedPage<T> {
    result: Vec<T>,
    total: u64,
    next_cursor: Option<String>,
}

/// Reads a page of `/api/v1`.
pub(crate) fn data<T: DeserializeOwned>(reply: &Reply) -> Result<Contents<T>, Error> {
    let Data { data } = reply.json()?;
    Ok(linked(data, reply))
}

/// Makes a page of `/api/v1` from its records.
pub(crate) fn linked<T>(records: Vec<T>, reply: &Reply) -> Contents<T> {
    Contents { records, total: reply.total, cursor: None }
}

/// Reads a page of `/v2`.
pub(crate) fn numbered<T: DeserializeOwned>(reply: &Reply) -> Result<Contents<T>, Error> {
    let NumberedPage { result, total, next_cursor } = reply.json()?;
    Ok(Contents { records: result, total: Some(total), cursor: next_cursor })
}

impl<T> List<T> {
    pub(crate) fn new(
        client: &Client,
        path: &[Segment<'_>],
        query: Query,
        paging: Paging,
        read: fn(&Reply) -> Result<Contents<T>, Error>,
    ) -> Self {
        Self { client: client.clone(), call: client.call(Method::GET, path), query, paging, read }
    }

    /// Sets the number of records on a page. The service refuses more than 100, and 0.
    pub fn page_size(mut self, size: u32) -> Self {
        self.query.set(self.paging.size, size);
        self
    }

    /// Begins at the cursor of an earlier page of the same list, with the same filter.
    pub fn from_cursor(mut self, cursor: &str) -> Self {
        self.query.remove(self.paging.position);
        self.query.set("cursor", cursor);
        self
    }

    /// Reads the first page.
    pub async fn page(&self) -> Result<Page<T>, Error> {
        self.page_at(self.first()).await
    }

    /// Reads the page after that one. Returns `None` if that was the last.
    pub async fn page_after(&self, page: &Page<T>) -> Result<Option<Page<T>>, Error> {
        match &page.next {
            Some(url) => self.page_at(url.clone()).await.map(Some),
            None => Ok(None),
        }
    }

    fn first(&self) -> Url {
        self.call.clone().query(&self.query).url
    }

    async fn page_at(&self, url: Url) -> Result<Page<T>, Error> {
        let reply = self.client.send(&Call { url: url.clone(), ..self.call.clone() }).await?;
        let Contents { records, total, cursor } = (self.read)(&reply)?;
        let next = match cursor {
            Some(cursor) => Some(with_cursor(&url, self.paging, &cursor)),
            None => next_link(reply.link.as_deref(), &url)?,
        };
        if next.as_ref() == Some(&url) {
            return Err(reply.unexpected("the page names itself as the next one"));
        }
        Ok(Page { records, total, next })
    }
}

impl<T: Send + 'static> List<T> {
    /// Reads all records, a page at a time as they are taken. The stream ends after its first error.
    pub fn stream(self) -> impl Stream<Item = Result<T, Error>> + Send {
        let first = self.first();
        let pages = stream::try_unfold((self, Some(first)), |(list, url)| async move {
            let Some(url) = url else { return Ok(None) };
            let Page { records, next, .. } = list.page_at(url).await?;
            Ok(Some((records, (list, next))))
        });
        pages.flat_map(|page: Result<Vec<T>, Error>| match page {
            Ok(records) => stream::iter(records.into_iter().map(Ok).collect::<Vec<_>>()),
            Err(error) => stream::iter(vec![Err(error)]),
        })
    }
}

/// Returns the URL of the page at a cursor.
fn with_cursor(url: &Url, paging: Paging, cursor: &str) -> Url {
    let kept: Vec<_> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != paging.position && name != "cursor")
        .collect();
    let mut next = url.clone();
    next.query_pairs_mut().clear().extend_pairs(kept).append_pair("cursor", cursor);
    next
}

/// Returns the link to the next page (RFC 8288), if there is one. Fails if it leads to another origin.
fn next_link(header: Option<&str>, url: &Url) -> Result<Option<Url>, Error> {
    // Neither angle bracket can be part of a URL, so each link begins at one.
    let mut links = header.unwrap_or_default().split('<').filter_map(|link| link.split_once('>'));
    let next = links.find(|(_, parameters)| parameters.contains(r#"rel="next""#));
    match next.map(|(target, _)| (target, url.join(target))) {
        None => Ok(None),
        Some((_, Ok(next))) if next.origin() == url.origin() => Ok(Some(next)),
        Some((link, _)) => Err(Error::ForeignLink { link: link.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others_and_only_on_the_same_origin() {
        let url = Url::parse("https://example.com/loggia/api/v1/spaces").unwrap();
        let next = |header: &str| next_link(Some(header), &url).map(|next| next.map(String::from));
        let header = r#"<https://example.com/a?include=project,all>; rel="first", <https://example.com/b?c=,>; rel="next""#;
        assert_eq!(next(header).unwrap().as_deref(), Some("https://example.com/b?c=,"));
        assert_eq!(next(r#"</b>; rel="next""#).unwrap().as_deref(), Some("https://example.com/b"));
        assert_eq!(next(r#"<https://example.com/a>; rel="first""#).unwrap(), None);
        for link in
            ["http://example.com/b", "https://example.com:8443/b", "https://example.org/b", "//example.org/b"]
        {
            let refused = next(&format!(r#"<{link}>; rel="next""#));
            assert!(
                matches!(&refused, Err(Error::ForeignLink { link: found }) if found == link),
                "{refused:?}"
            );
        }
    }
}
