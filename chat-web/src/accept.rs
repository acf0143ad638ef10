//! Selects the format of the metrics by the `Accept` header (RFC 9110 §12.5.1).

use chat_runtime::MetricsFormat;
use http::HeaderMap;
use http::header::ACCEPT;
use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

/// Returns the format that a client prefers. It is OpenMetrics if the client has no preference, or
/// accepts neither format: a response in another format is better than none.
pub(crate) fn metrics_format(headers: &HeaderMap) -> MetricsFormat {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let ranges: Vec<MediaType<'_>> =
        lines.flat_map(MediaTypeList::new).filter_map(Result::ok).collect();
    let wanted = |kind| ranges.iter().filter_map(|range| matches(range, kind)).max();
    let quality = |kind| wanted(kind).map(|(_, quality)| quality).unwrap_or_default();
    if quality(TEXT) > quality(OPEN_METRICS) {
        MetricsFormat::Prometheus
    } else {
        MetricsFormat::OpenMetrics
    }
}

/// Returns how specifically a media range matches a format, and its quality in thousandths. Returns
/// `None` if the range does not match. Parameters that do not select a format, such as Prometheus'
/// `escaping`, are ignored.
fn matches(range: &MediaType<'_>, format: Format) -> Option<(u8, u16)> {
    let specificity = if range.ty == format.kind && range.subty == format.subtype {
        match range.get_param(VERSION) {
            Some(version) if version == format.version => 3,
            Some(_) => return None,
            None => 2,
        }
    } else if range.ty == format.kind && range.subty == ANY {
        1
    } else if range.ty == ANY && range.subty == ANY {
        0
    } else {
        return None;
    };
    let quality = match range.get_param(QUALITY) {
        Some(written) => {
            written.as_str().parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q))?
        }
        None => 1.0,
    };
    Some((specificity, (quality * 1_000.0).round() as u16))
}

#[derive(Clone, Copy)]
struct Format {
    kind: Name<'static>,
    subtype: Name<'static>,
    version: &'static str,
}

const OPEN_METRICS: Format = Format {
    kind: Name::new_unchecked("application"),
    subtype: Name::new_unchecked("openmetrics-text"),
    version: "1.0.0",
};
const TEXT: Format = Format {
    kind: Name::new_unchecked("text"),
    subtype: Name::new_unchecked("plain"),
    version: "0.0.4",
};
const ANY: Name<'static> = Name::new_unchecked("*");
const VERSION: Name<'static> = Name::new_unchecked("version");
const QUALITY: Name<'static> = Name::new_unchecked("q");

#[cfg(test)]
mod tests {
    use super::*;
    use MetricsFormat::{OpenMetrics, Prometheus};

    fn format(lines: &[&str]) -> MetricsFormat {
        let headers = lines.iter().map(|line| (ACCEPT, line.parse().expect("a value")));
        let headers = headers.fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        });
        metrics_format(&headers)
    }

    #[test]
    fn scraper_gets_the_format_that_it_prefers() {
        for (accept, wanted) in [
            // Prometheus 2.49, 2.5, 3.0 (with and without native histograms), and Telegraf.
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;\
                 version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                OpenMetrics,
            ),
            (
                "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,\
                 */*;q=0.1",
                Prometheus,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                 application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;\
                 escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                OpenMetrics,
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
                 encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                Prometheus,
            ),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", Prometheus),
            ("text/plain;version=0.0.4", Prometheus),
            ("text/plain", Prometheus),
            ("TEXT/Plain; Version=\"0.0.4\"", Prometheus),
            ("text/*", Prometheus),
            ("text/plain;q=0.5, application/openmetrics-text;q=0.4", Prometheus),
            ("*/*, application/openmetrics-text;q=0", Prometheus),
            ("text/plain, application/openmetrics-text", OpenMetrics),
            ("*/*", OpenMetrics),
            ("application/json", OpenMetrics),
            ("text/plain;q=0, */*;q=0.1", OpenMetrics),
            ("text/plain;q=nonsense", OpenMetrics),
            ("", OpenMetrics),
        ] {
            assert_eq!(format(&[accept]), wanted, "{accept}");
        }
        assert_eq!(format(&[]), OpenMetrics);
        assert_eq!(format(&["application/openmetrics-text;q=0.1", "text/plain"]), Prometheus);
    }
}
