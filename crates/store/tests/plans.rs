//! The comment behind a statement names the index that serves it; here the engine is asked whether it does.
//!
//! A statement that reads a whole table where an index was meant is as right as before, and slow only once
//! there is much: no other test sees it. So the sources are read, and each statement in them is planned.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use store::Database;

/// A statement in the sources.
struct Statement {
    file: String,
    line: usize,
    sql: String,
    /// What is said of it on its last line.
    comment: String,
}

/// The text of a Rust string literal that `text` begins with, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().strip_prefix('"')?;
    let end = text.find('"')?;
    Some((text[..end].replace("\\\n", " "), &text[end + 1..]))
}

/// Texts by the file and the name of their constant.
type Parts = BTreeMap<(String, String), String>;

/// Constants of a file, and the texts given to `format!`.
fn statements(file: &str, source: &str, parts: &mut Parts) -> Vec<Statement> {
    let mut found = Vec::new();
    let starts = source.match_indices(": &str =").chain(source.match_indices("= format!("));
    for (at, start) in starts {
        let Some((text, rest)) = literal(&source[at + start.len()..]) else { continue };
        let name = source[..at].rsplit("const ").next().filter(|name| !name.contains(' '));
        if let Some(name) = name {
            parts.insert((file.to_owned(), name.to_owned()), text.clone());
        }
        // A part of other statements is planned in them.
        let part = |name: &str| source.contains(&format!("{{{name}}}"));
        let verb = text.split_whitespace().next().unwrap_or_default();
        if !["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&verb)
            || name.is_some_and(part)
        {
            continue;
        }
        let ended = rest.split_once(';').map_or("", |(_, after)| after);
        let line = ended.lines().next().unwrap_or_default().trim();
        found.push(Statement {
            file: file.to_owned(),
            line: source[..at].matches('\n').count() + 1,
            sql: text,
            comment: line.strip_prefix("//").unwrap_or_default().trim().to_owned(),
        });
    }
    found
}

fn plan(connection: &Connection, sql: &str) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    statement.raw_query().mapped(|row| row.get(3)).collect()
}

/// What is wrong with a statement's plan; nothing where it is as its comment says.
fn wrong(comment: &str, plan: &[String], indexes: &[String]) -> Option<String> {
    let said = |name: &str| {
        comment.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
    };
    let used = |name: &str| plan.iter().any(|step| step.split(' ').any(|word| word == name));
    let named: Vec<&String> = indexes.iter().filter(|index| said(index)).collect();
    if !named.is_empty() && !named.iter().any(|index| used(index)) {
        return Some(format!("its comment names {named:?}"));
    }
    if comment.starts_with("primary key")
        && let Some(other) = indexes.iter().find(|index| used(index) && !said(index))
    {
        return Some(format!("it is served by {other}, not by the primary key"));
    }
    // A walk in the order of the key is what was meant; a sort of the whole table is not.
    let whole = |step: &&String| step.starts_with("SCAN ") && !step.contains("USING");
    let sorts = plan.iter().any(|step| step.starts_with("USE TEMP B-TREE"));
    plan.iter()
        .find(whole)
        .filter(|step| !step.ends_with("CONSTANT ROW") && (comment.is_empty() || sorts))
        .map(|step| format!("it reads a whole table ({step}) and does not say so"))
}

#[test]
fn every_statement_is_served_as_its_comment_says() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plans.sqlite");
    drop(Database::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    let mut names = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> ''")
        .unwrap();
    let indexes: Vec<String> =
        names.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();

    let (mut parts, mut found) = (BTreeMap::new(), Vec::new());
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        // What is tested has statements of its own.
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        if file != "schema.rs" {
            found.extend(statements(&file, source, &mut parts));
        }
    }

    let (mut faults, mut planned) = (Vec::new(), 0);
    for statement in &found {
        let mut sql = statement.sql.clone();
        // Its own file's constants go before those that it takes from another.
        for own in [true, false] {
            for ((file, name), text) in &parts {
                if (*file == statement.file) == own {
                    sql = sql.replace(&format!("{{{name}}}"), text);
                }
            }
        }
        // What is put together as it is asked cannot be planned here.
        if sql.contains('{') {
            continue;
        }
        planned += 1;
        let what = match plan(&connection, &sql) {
            Err(error) => Some(error.to_string()),
            Ok(plan) => wrong(&statement.comment, &plan, &indexes)
                .map(|what| format!("{what}; {}", plan.join("; "))),
        };
        faults.extend(what.map(|what| format!("{}:{}: {what}", statement.file, statement.line)));
    }
    assert!(planned > 200, "only {planned} of {} statements were planned", found.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
