//! The rejects file of an import, over all files imported at once.
//!
//! Rejected rows are written as they were filed, in the columns of their file. Files of the same
//! header line and decimal mark share one rejects file; another layout gets a file of its own,
//! `NAME-2.csv`. A rejects file appears whole, at the end of the import, and only where there is
//! something to correct.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

/// Where the rejected rows of an import go.
#[derive(Debug)]
pub(crate) struct Rejects {
    path: PathBuf,
    /// One a file imported, in a place from which it can be renamed; nothing where `path` is a
    /// device or pipe, which is written directly.
    parts: Vec<Part>,
    direct: bool,
}

/// The rejected rows of one file. Only its owner may read it: the rows hold trade secrets.
#[derive(Debug)]
struct Part {
    file: NamedTempFile,
    decimal_comma: bool,
}

impl Rejects {
    /// The place is tried before anything is imported.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Rejects> {
        let direct = std::fs::metadata(path).is_ok_and(|m| !m.is_file());
        let rejects = Rejects { path: path.to_owned(), parts: Vec::new(), direct };
        if direct {
            rejects.device()?;
        } else {
            rejects.part()?;
        }
        Ok(rejects)
    }

    /// Where the rejected rows of the next file go.
    pub(crate) fn next(&mut self) -> anyhow::Result<Box<dyn Write + Send>> {
        if self.direct {
            return Ok(Box::new(BufWriter::new(self.device()?)));
        }
        let file = self.part()?;
        let out = file.reopen().with_context(|| self.path.display().to_string())?;
        self.parts.push(Part { file, decimal_comma: false });
        Ok(Box::new(BufWriter::new(out)))
    }

    /// The file imported last has decimal commas, which its header line does not tell.
    pub(crate) fn decimal_comma(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.decimal_comma = true;
        }
    }

    fn device(&self) -> anyhow::Result<File> {
        let options = File::options().write(true).open(&self.path);
        options.with_context(|| self.path.display().to_string())
    }

    fn part(&self) -> anyhow::Result<NamedTempFile> {
        let dir = self.path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let dir = dir.unwrap_or(Path::new("."));
        NamedTempFile::with_prefix_in(".rejects-", dir)
            .with_context(|| self.path.display().to_string())
    }

    /// Puts the rejects files in their places, and takes away one of an earlier import where there is
    /// nothing to correct any more. Gives the files that there are.
    pub(crate) fn finish(self) -> anyhow::Result<Vec<PathBuf>> {
        if self.direct {
            return Ok(Vec::new());
        }
        let mut kept: Vec<(Vec<u8>, Part)> = Vec::new();
        for part in self.parts {
            let mut reader = BufReader::new(part.file.reopen()?);
            let mut header = Vec::new();
            reader.read_until(b'\n', &mut header)?;
            if reader.fill_buf()?.is_empty() {
                continue;
            }
            let same = |(first, of): &&mut (Vec<u8>, Part)| {
                *first == header
                    && !header.contains(&b'"')
                    && of.decimal_comma == part.decimal_comma
            };
            match kept.iter_mut().find(same) {
                Some((_, first)) => {
                    let out = first.file.as_file_mut();
                    out.seek(std::io::SeekFrom::End(0))?;
                    std::io::copy(&mut reader, out)?;
                }
                None => kept.push((header, part)),
            }
        }
        if kept.is_empty() && self.path.is_file() {
            std::fs::remove_file(&self.path).with_context(|| self.path.display().to_string())?;
        }
        let mut paths = Vec::new();
        for (number, (_, part)) in kept.into_iter().enumerate() {
            let path = numbered(&self.path, number);
            part.file.persist(&path).with_context(|| path.display().to_string())?;
            paths.push(path);
        }
        Ok(paths)
    }
}

/// `rejects.csv`, `rejects-2.csv`, `rejects-3.csv`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = format!("{stem}-{}", number + 1);
    if let Some(extension) = path.extension() {
        name = format!("{name}.{}", extension.to_string_lossy());
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_layout_share_a_rejects_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.csv");
        let mut rejects = Rejects::new(&path).unwrap();
        for text in ["a,line\n1,2\n", "a,line\n", "a,line\n3,4\n", "b;line\n5;6\n"] {
            rejects.next().unwrap().write_all(text.as_bytes()).unwrap();
        }
        let other = dir.path().join("r-2.csv");
        assert_eq!(rejects.finish().unwrap(), [path.clone(), other.clone()]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a,line\n1,2\n3,4\n");
        assert_eq!(std::fs::read_to_string(other).unwrap(), "b;line\n5;6\n");
        let empty = Rejects::new(&path).unwrap();
        assert_eq!(empty.finish().unwrap(), Vec::<PathBuf>::new());
        assert!(!path.exists());
    }
}
