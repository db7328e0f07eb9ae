//! A source that gives so many bytes at most until its allowance is renewed, which bounds what a parser may
//! hold of one record, however the record was broken.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// The bytes that may still be read, shared by the source and by whoever renews it at each record.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    left: Rc<Cell<usize>>,
    full: usize,
}

impl Allowance {
    pub(super) fn new(full: usize) -> Allowance {
        Allowance { left: Rc::new(Cell::new(full)), full }
    }

    pub(super) fn renew(&self) {
        self.left.set(self.full);
    }

    pub(super) fn spent(&self) -> bool {
        self.left.get() == 0
    }
}

/// The source.
pub(super) struct Bounded<R> {
    inner: R,
    allowance: Allowance,
}

impl<R> Bounded<R> {
    pub(super) fn new(inner: R, allowance: &Allowance) -> Bounded<R> {
        Bounded { inner, allowance: allowance.clone() }
    }

    fn left(&self) -> io::Result<usize> {
        match self.allowance.left.get() {
            0 => Err(io::Error::other("the record is too long")),
            left => Ok(left),
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.left()?.min(buffer.len());
        let count = self.inner.read(&mut buffer[..most])?;
        self.allowance.left.set(self.allowance.left.get().saturating_sub(count));
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left()?;
        let buffer = self.inner.fill_buf()?;
        Ok(&buffer[..buffer.len().min(left)])
    }

    fn consume(&mut self, count: usize) {
        self.allowance.left.set(self.allowance.left.get().saturating_sub(count));
        self.inner.consume(count);
    }
}
