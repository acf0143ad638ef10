//! Selects the encoding of content by the `Accept-Encoding` header (RFC 9110 §12.5.3).

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// A content encoding. The order is by preference: the smallest encoding first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    /// No encoding.
    Identity,
}

impl Encoding {
    /// All encodings, the smallest first.
    pub(crate) const ALL: &[Self] = &[Self::Brotli, Self::Gzip, Self::Identity];

    /// Returns the name in headers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// Returns the offered encoding to which the client gives the greatest weight, and the smallest
    /// encoding if several weights are equal. Returns `None` if the client accepts no offered
    /// encoding.
    pub(crate) fn choose(headers: &HeaderMap, offered: &[Self]) -> Option<Self> {
        let accepted = Accepted::of(headers);
        let weighed = offered.iter().filter_map(|one| Some((accepted.weight(*one)?, *one)));
        let best = weighed.min_by_key(|(weight, one)| (u16::MAX - weight, *one));
        best.map(|(_, one)| one)
    }

    fn named(name: &str) -> Option<Self> {
        // A recipient treats x-gzip as gzip (RFC 9110 §8.4.1.3).
        let name = if name.eq_ignore_ascii_case("x-gzip") { "gzip" } else { name };
        Self::ALL.iter().copied().find(|one| one.name().eq_ignore_ascii_case(name))
    }
}

/// The content of `Accept-Encoding`, with weights in thousandths.
#[derive(Default)]
struct Accepted {
    named: Vec<(Encoding, u16)>,
    /// The weight of `*`, for encodings that are not named.
    others: Option<u16>,
}

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        let fields = headers.get_all(ACCEPT_ENCODING).iter();
        let elements = fields.filter_map(|field| field.to_str().ok()).flat_map(|f| f.split(','));
        for element in elements {
            let (name, parameter) = match element.split_once(';') {
                Some((name, parameter)) => (name, Some(parameter)),
                None => (element, None),
            };
            // Malformed elements are ignored.
            let Some(weight) = parameter.map_or(Some(MAX_WEIGHT), weight) else { continue };
            let name = name.trim_matches(BLANKS);
            if name == "*" {
                accepted.others = Some(weight);
            } else if let Some(encoding) = Encoding::named(name) {
                accepted.named.push((encoding, weight));
            }
        }
        accepted
    }

    /// Returns the weight of an encoding, or `None` if it is not accepted.
    fn weight(&self, encoding: Encoding) -> Option<u16> {
        let named = self.named.iter().rev().find(|(one, _)| *one == encoding);
        match (named.map(|(_, weight)| *weight).or(self.others), encoding) {
            (Some(0), _) => None,
            (Some(weight), _) => Some(weight),
            // Identity is accepted unless it is excluded, with the least weight.
            (None, Encoding::Identity) => Some(0),
            (None, Encoding::Brotli | Encoding::Gzip) => None,
        }
    }
}

/// Parses a weight such as `q=0.25`, and returns it in thousandths (RFC 9110 §12.4.2).
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.trim_matches(BLANKS).split_once('=')?;
    if !name.eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(MAX_WEIGHT),
        _ => None,
    }
}

/// The greatest weight, in thousandths.
const MAX_WEIGHT: u16 = 1_000;
const BLANKS: [char; 2] = [' ', '\t'];

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Brotli, Gzip, Identity};

    fn chosen(fields: &[&str], offered: &[Encoding]) -> Option<Encoding> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(ACCEPT_ENCODING, field.parse().expect("a value"));
        }
        Encoding::choose(&headers, offered)
    }

    #[test]
    fn greatest_weight_is_chosen_then_the_smallest_encoding() {
        for (fields, expected) in [
            (&[][..], Some(Identity)),
            (&[""], Some(Identity)),
            (&["gzip, deflate, br, zstd"], Some(Brotli)),
            (&["gzip, deflate"], Some(Gzip)),
            (&["gzip", "br"], Some(Brotli)),
            (&["BR;Q=0.5, GZIP"], Some(Gzip)),
            (&["br;q=0, gzip;q=0.001"], Some(Gzip)),
            (&["br;q=0.000,gzip;q=0."], Some(Identity)),
            (&["identity, br;q=0.9"], Some(Identity)),
            (&["identity;q=0.5, gzip;q=0.5"], Some(Gzip)),
            (&["x-gzip"], Some(Gzip)),
            (&["deflate;q=1"], Some(Identity)),
            (&["*"], Some(Brotli)),
            (&["*;q=0.5, gzip"], Some(Gzip)),
            (&["br;q=0, *"], Some(Gzip)),
            (&["br ; q=0.2\t, gzip ;q=0.1"], Some(Brotli)),
            (&["identity;q=0"], None),
            (&["*;q=0"], None),
            (&["*;q=0, identity;q=0.1"], Some(Identity)),
            (&["zstd, identity;q=0"], None),
            (&["identity;q=0, *;q=0.1"], Some(Brotli)),
            // Malformed elements are skipped, and not treated as accepted.
            (&["br;q=2, gzip;q=0.1234, deflate"], Some(Identity)),
            (&["br;level=5, gzip;q=-1"], Some(Identity)),
            (&["br;q=1.001, gzip;q=1.000"], Some(Gzip)),
            (&["é, gzip"], Some(Identity)),
            (&[",, gzip ,"], Some(Gzip)),
        ] {
            assert_eq!(chosen(fields, Encoding::ALL), expected, "{fields:?}");
        }
    }

    #[test]
    fn only_offered_encodings_are_chosen() {
        assert_eq!(chosen(&["br, gzip"], &[Identity]), Some(Identity));
        assert_eq!(chosen(&["br, identity;q=0"], &[Identity]), None);
        assert_eq!(chosen(&["br, gzip;q=0.1"], &[Gzip, Identity]), Some(Gzip));
    }
}
