//! Texts that come again and again, each kept once.

use std::collections::HashMap;
use std::sync::Arc;

/// A kept text: its number in the order of appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Text(u32);

impl Text {
    /// As the place in a table of all texts.
    pub fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The texts of a world.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    kept: Vec<Arc<str>>,
    places: HashMap<Arc<str>, Text>,
}

impl Texts {
    /// Keeps a text, or finds it. Numbers are handed out in the order of appearance, so that the
    /// same file gives the same ones.
    pub fn keep(&mut self, text: &str) -> Text {
        if let Some(&known) = self.places.get(text) {
            return known;
        }
        // More than 2³² texts do not fit into memory.
        let new = Text(u32::try_from(self.kept.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = text.into();
        self.kept.push(Arc::clone(&text));
        self.places.insert(text, new);
        new
    }

    /// A kept text.
    pub fn get(&self, text: Text) -> &str {
        self.kept.get(text.place()).map_or("", |kept| kept)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}
