//! A page of metrics, parsed.

use std::collections::{BTreeMap, BTreeSet};

/// The labels of a value.
pub(super) type Labels = BTreeMap<String, String>;

/// A metric: its type, its description, and its values with their names and labels.
#[derive(Debug, Default)]
pub(super) struct Metric {
    pub(super) kind: String,
    pub(super) help: String,
    pub(super) values: Vec<(String, Labels, f64)>,
}

/// A page in the text format of Prometheus.
#[derive(Debug)]
pub(super) struct Page(pub(super) BTreeMap<String, Metric>);

impl Page {
    /// Parses a page. Every value must follow the type of its metric.
    pub(super) fn parse(text: &str) -> Self {
        let mut metrics = BTreeMap::<String, Metric>::new();
        let mut current = String::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                current = name.to_owned();
                let metric = Metric { help: help.to_owned(), ..Metric::default() };
                assert!(metrics.insert(current.clone(), metric).is_none(), "{name} is there twice");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                metrics.get_mut(name).unwrap().kind = kind.to_owned();
            } else if line != "# EOF" {
                let (name, labels, value) = value(line);
                let metric = metrics.get_mut(&current).unwrap();
                let suffix = name.strip_prefix(current.as_str());
                let suffixes: &[&str] =
                    if metric.kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &["", "_total"] };
                assert!(
                    suffix.is_some_and(|suffix| suffixes.contains(&suffix)),
                    "{line} belongs to {current}"
                );
                metric.values.push((name, labels, value));
            }
        }
        Self(metrics)
    }

    /// Returns the names that queries use: those of counters and gauges, and three for each histogram.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = self.0.iter().flat_map(|(name, metric)| match metric.kind.as_str() {
            "histogram" => ["_bucket", "_sum", "_count"].map(|suffix| format!("{name}{suffix}")).to_vec(),
            _ => vec![name.clone()],
        });
        names.collect()
    }

    /// Returns the sum of the values with that name and at least these labels.
    pub(super) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let values = self.0.values().flat_map(|metric| &metric.values);
        let fits = |has: &Labels| {
            labels.iter().all(|(label, value)| has.get(*label).is_some_and(|has| has == value))
        };
        values.filter(|(named, has, _)| named == name && fits(has)).map(|(_, _, value)| value).sum()
    }

    /// Returns the number of time series.
    pub(super) fn series(&self) -> usize {
        self.0.values().map(|metric| metric.values.len()).sum()
    }

    /// Returns the values of a label, in all metrics.
    pub(super) fn label(&self, label: &str) -> BTreeSet<&str> {
        let values = self.0.values().flat_map(|metric| &metric.values);
        values.filter_map(|(_, labels, _)| labels.get(label).map(String::as_str)).collect()
    }
}

/// Parses a value with its name and labels. The value of a label may hold braces, as routes do.
fn value(line: &str) -> (String, Labels, f64) {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
    let Some((name, labels)) = series.split_once('{') else {
        return (series.to_owned(), Labels::new(), value);
    };
    let labels = labels.strip_suffix("\"}").unwrap_or_else(|| panic!("{line}"));
    let labels = labels.split("\",").map(|label| {
        let (name, value) = label.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
        (name.to_owned(), value.to_owned())
    });
    (name.to_owned(), labels.collect(), value)
}

#[test]
fn a_page_is_parsed() {
    let page = Page::parse(
        "# HELP a_total As.\n# TYPE a_total counter\na_total{route=\"/x/{id}\",m=\"GET\"} 2\na_total{route=\"-\",m=\"GET\"} 3\n\
         # HELP b Bs.\n# TYPE b histogram\nb_sum 1.5\nb_count 2\nb_bucket{le=\"+Inf\"} 2\n",
    );
    assert_eq!(page.sum("a_total", &[("m", "GET")]), 5.0);
    assert_eq!(page.sum("a_total", &[("route", "/x/{id}")]), 2.0);
    assert_eq!(page.label("route"), ["-", "/x/{id}"].into());
    let names: Vec<String> = page.names().into_iter().collect();
    assert_eq!((names.join(" ").as_str(), page.series()), ("a_total b_bucket b_count b_sum", 5));
}
