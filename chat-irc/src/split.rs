//! Splits texts that are too long for a line.

/// Splits a text into pieces of at most `room` bytes, between words where possible, otherwise
/// between characters. The space between two pieces is dropped. An empty text is one piece.
pub(crate) fn pieces(mut text: &str, room: usize) -> impl Iterator<Item = &str> {
    let mut is_done = false;
    std::iter::from_fn(move || {
        if is_done {
            return None;
        }
        if text.len() <= room {
            is_done = true;
            return Some(text);
        }
        let end = first_piece(text, room);
        let (piece, rest) = text.split_at(end);
        text = rest.strip_prefix(' ').unwrap_or(rest);
        is_done = text.is_empty();
        Some(piece)
    })
}

/// Splits a text as [`pieces`] does, but into pieces that are the text again if they are put
/// together.
pub(crate) fn exact_pieces(mut text: &str, room: usize) -> impl Iterator<Item = &str> {
    let mut is_done = false;
    std::iter::from_fn(move || {
        if is_done {
            return None;
        }
        let end = if text.len() <= room { text.len() } else { first_piece(text, room) };
        let (piece, rest) = text.split_at(end);
        (text, is_done) = (rest, rest.is_empty());
        Some(piece)
    })
}

/// Returns the longest beginning of at most `room` bytes that ends between characters.
pub(crate) fn cut(text: &str, room: usize) -> &str {
    &text[..floor_boundary(text, room)]
}

/// Returns the end of the first piece. It is never empty.
fn first_piece(text: &str, room: usize) -> usize {
    let end = floor_boundary(text, room);
    if text[end..].starts_with(' ') && end > 0 {
        return end;
    }
    match text[..end].rfind(' ') {
        // A long word is not worth a short line.
        Some(space) if space > room / 2 => space,
        _ if end > 0 => end,
        _ => text.chars().next().map_or(text.len(), char::len_utf8),
    }
}

fn floor_boundary(text: &str, room: usize) -> usize {
    let end = room.min(text.len());
    (0..=end).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str, room: usize) -> Vec<&str> {
        pieces(text, room).collect()
    }

    #[test]
    fn texts_are_split_between_words() {
        assert_eq!(split("one two three", 8), ["one two", "three"]);
        assert_eq!(split("one two three", 7), ["one two", "three"]);
        assert_eq!(split("", 8), [""]);
        assert_eq!(split("a 123456789", 8), ["a 123456", "789"]);
        assert_eq!(split("éééé", 3), ["é", "é", "é", "é"]);
        assert_eq!(split("€", 1), ["€"]);
    }

    proptest! {
        #[test]
        fn pieces_have_all_characters_but_spaces(text in "[a-é ]{0,80}", room in 4_usize..20) {
            let parts = split(&text, room);
            prop_assert!(parts.iter().all(|part| part.len() <= room));
            let without = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without(&parts.concat()), without(&text));
            let exact: Vec<&str> = exact_pieces(&text, room).collect();
            prop_assert!(exact.iter().all(|part| part.len() <= room));
            prop_assert_eq!(exact.concat(), text);
        }
    }
}
