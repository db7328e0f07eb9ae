//! A column of fixed-size records: a part mapped from a snapshot, and what came after it.
//!
//! The mapped part is private to the process (copy on write), so it can be changed in place
//! without touching the file.

use bytemuck::Pod;

/// A growing column of records of one type.
#[derive(Debug)]
pub struct Column<T: Pod> {
    base: &'static mut [T],
    tail: Vec<T>,
}

impl<T: Pod> Default for Column<T> {
    fn default() -> Self {
        Column { base: &mut [], tail: Vec::new() }
    }
}

// INVARIANT: indices come from the graph itself; one out of range is our own fault and panics.
impl<T: Pod> Column<T> {
    /// A column that begins with mapped records.
    #[must_use]
    pub fn with_base(base: &'static mut [T]) -> Column<T> {
        Column { base, tail: Vec::new() }
    }

    /// Number of records.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.base.len() + self.tail.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record at a position.
    #[must_use]
    #[inline]
    pub fn at(&self, index: u32) -> &T {
        let index = index as usize;
        match self.base.get(index) {
            Some(record) => record,
            None => &self.tail[index - self.base.len()],
        }
    }

    /// The record at a position, to change.
    #[inline]
    pub fn at_mut(&mut self, index: u32) -> &mut T {
        let index = index as usize;
        let split = self.base.len();
        if index < split { &mut self.base[index] } else { &mut self.tail[index - split] }
    }

    /// Records from `start` up to `end`, which were appended together and so lie in one part.
    #[must_use]
    #[inline]
    pub fn range(&self, start: usize, end: usize) -> &[T] {
        let split = self.base.len();
        if end <= split { &self.base[start..end] } else { &self.tail[start - split..end - split] }
    }

    /// Records from `start` on to the end of the part in which it lies.
    #[must_use]
    #[inline]
    pub fn from(&self, start: u32) -> &[T] {
        let start = start as usize;
        let split = self.base.len();
        if start < split { &self.base[start..] } else { &self.tail[start - split..] }
    }

    /// Appends a record.
    #[inline]
    pub fn push(&mut self, record: T) {
        self.tail.push(record);
    }

    /// Appends records that stay together.
    pub fn extend(&mut self, records: &[T]) {
        self.tail.extend_from_slice(records);
    }

    /// Forgets the records from `len` on, which lie behind the mapped part.
    pub fn truncate(&mut self, len: usize) {
        self.tail.truncate(len.saturating_sub(self.base.len()));
    }

    /// Replaces everything.
    pub fn replace(&mut self, records: Vec<T>) {
        self.base = &mut [];
        self.tail = records;
    }

    /// Both parts, for a snapshot.
    #[must_use]
    pub fn parts(&self) -> [&[T]; 2] {
        [self.base, &self.tail]
    }

    /// All records in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.base.iter().chain(&self.tail)
    }

    /// Bytes held, mapped or not.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.len() * size_of::<T>()
    }
}
