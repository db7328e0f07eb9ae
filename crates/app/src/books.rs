//! The platform in memory: the graph, and how filings are taken into it.

use std::cell::RefCell;

use base::Timestamp;
use base::common::Common;
use base::flow::NewLeg;
use insight::back::Walker;
use insight::graph::{CorrectsError, Graph, NewFiling};
use insight::{TraceAnswer, TraceError, TraceQuery};
use tracking::effect::filing_effects;
use tracking::filing::FilingDigest;
use tracking::{Column, Rejection, Row};

use crate::import::{ImportOptions, Importer};
use crate::report::ImportReport;

/// All filings and what they say, ready for questions.
#[derive(Debug)]
pub struct Books {
    graph: Graph,
    common: &'static Common,
    generation: u64,
}

thread_local! {
    /// Memory of walks, one a thread.
    static WALKER: RefCell<Walker> = RefCell::default();
}

/// What became of a filing.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is in the books; parties that had never been seen.
    Taken { new_parties: Vec<u32> },
    /// It was in the books already.
    Duplicate,
    /// It contradicts what is on record about its own reference.
    Rejected(Rejection),
}

impl Books {
    /// Empty books whose names are hashed under a secret key.
    #[must_use]
    pub fn new(hash_key: [u64; 2]) -> Books {
        Books::over(Graph::new(hash_key))
    }

    pub(crate) fn over(graph: Graph) -> Books {
        Books { graph, common: Common::embedded(), generation: 0 }
    }

    /// The supply graph.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(crate) fn graph_mut(&mut self) -> &mut Graph {
        self.generation += 1;
        &mut self.graph
    }

    /// The tables of the pack.
    #[must_use]
    pub fn common(&self) -> &'static Common {
        self.common
    }

    /// A number that rises with every change.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Answers where content comes from or went.
    ///
    /// # Errors
    /// [`TraceError`] where the lot, element or stage is not known.
    pub fn trace(&self, query: &TraceQuery) -> Result<TraceAnswer, TraceError> {
        WALKER.with_borrow_mut(|walker| {
            insight::trace::trace(&self.graph, self.common, walker, query)
        })
    }

    /// Imports a CSV text as `gadolin import` does; all its filings are recorded at one instant.
    pub fn import_csv(&mut self, text: &[u8], recorded_at: Timestamp) -> ImportReport {
        let options = ImportOptions { recorded_at, ..ImportOptions::default() };
        let source = Box::new(std::io::Cursor::new(text.to_vec()));
        let mut importer = Importer::new(self, options);
        match formats::open(source, &formats::Limits::default()) {
            Ok(reader) => importer.run(reader, self),
            Err(error) => importer.file_error(&error),
        }
        importer.finish(self)
    }

    /// Takes a filing whose rows keep their own rules, or says why not. Nothing is changed unless it
    /// is taken.
    pub(crate) fn file(&mut self, rows: &[Row<'_>], digest: &FilingDigest) -> Outcome {
        let Some(first) = rows.first() else { return Outcome::Duplicate };
        let (filer, reference) = (first.get(Column::Filer), first.get(Column::Filing));
        let known = self.graph.party_find(filer);
        if let Some(filing) = known.and_then(|f| self.graph.filing_find(f, reference)) {
            if self.graph.filings.at(filing).digest[..] == digest[..16] {
                return Outcome::Duplicate;
            }
            return Outcome::Rejected(self.changed(first, filing));
        }
        let corrects = first.get(Column::Corrects);
        let replaces = if corrects.is_empty() {
            None
        } else {
            match self.graph.corrects(filer, corrects) {
                Ok(filing) => Some(filing),
                Err(error) => return Outcome::Rejected(corrects_rejection(first, &error)),
            }
        };
        self.append(rows, digest, replaces)
    }

    fn append(
        &mut self,
        rows: &[Row<'_>],
        digest: &FilingDigest,
        replaces: Option<u32>,
    ) -> Outcome {
        let Some(first) = rows.first() else { return Outcome::Duplicate };
        self.generation += 1;
        let appended = self.graph.filing(&NewFiling {
            filer: first.get(Column::Filer),
            reference: first.get(Column::Filing),
            kind: first.kind,
            date: first.date,
            digest: *digest,
            rows: rows.len() as u32,
            replaces,
        });
        let mut new_parties = Vec::new();
        if appended.new_filer {
            new_parties.push(self.graph.filings.at(appended.filing).filer);
        }
        let mut legs: Vec<NewLeg<'_>> = Vec::with_capacity(rows.len() + 1);
        let graph = &mut self.graph;
        filing_effects(rows, &mut legs, |flow, legs| graph.flow(flow, legs, &mut new_parties));
        Outcome::Taken { new_parties }
    }

    fn changed(&self, first: &Row<'_>, filing: u32) -> Rejection {
        let live = self.graph.references.get(self.graph.filing_live(filing));
        let reference = first.get(Column::Filing);
        Rejection {
            line: first.line,
            column: Some(Column::Filing),
            code: "filing_changed",
            message: format!("`{reference}` was filed before with other rows"),
            accepted: format!(
                "a new reference with `corrects` = `{live}` to replace what was filed, or the rows as first filed"
            ),
        }
    }
}

fn corrects_rejection(first: &Row<'_>, error: &CorrectsError) -> Rejection {
    let named = first.get(Column::Corrects);
    let (code, message, accepted) = match error {
        CorrectsError::Unknown => (
            "corrects_unknown",
            format!("`{named}` in `corrects` is no filing of this filer"),
            "the reference of a live filing of the same filer".to_owned(),
        ),
        CorrectsError::Already(live) => (
            "already_corrected",
            format!("`{named}` in `corrects` has been corrected already; `{live}` is live"),
            format!("`{live}`"),
        ),
    };
    Rejection { line: first.line, column: Some(Column::Corrects), code, message, accepted }
}
