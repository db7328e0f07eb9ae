//! Yield and closure of a transform.
//!
//! Yield: content in the main products ÷ content of the inputs, tested against the band of the
//! process; a step not listed takes the product of the bands along the stage chain from the input stage
//! richest in the element. Of a diffusion the yield is what the magnets picked up of the source.
//! Closure: all outputs and stated losses ÷ inputs, tested against the measurement uncertainty only.
//! What lies outside is an anomaly of a stated size, never clipped.

use base::common::{Common, ProcessRow, YieldOf};
use base::{ProcessId, StageId};

/// One leg of a transform in content of one element.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Stage, where known.
    pub stage: Option<StageId>,
    /// Content in µg, nothing where not analysed.
    pub content_ug: Option<i64>,
}

/// A transform in content of one element.
#[derive(Debug, Clone, Copy)]
pub struct Transform<'t> {
    /// Process, where stated.
    pub process: Option<ProcessId>,
    /// Inputs.
    pub inputs: &'t [Part],
    /// Outputs.
    pub outputs: &'t [Part],
    /// Stated losses; one without content takes what is left.
    pub losses: &'t [Part],
}

/// A rule about a transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransformRule {
    /// More comes out than went in: what is more is drawn from nowhere.
    Gain,
    /// The element comes out and was analysed and absent in every input.
    Unexplained,
    /// The yield lies outside the band of the process.
    YieldOutOfBand,
    /// Outputs and stated losses fall short of the inputs.
    Closure,
}

impl TransformRule {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Gain => "gain",
            Self::Unexplained => "unexplained",
            Self::YieldOutOfBand => "yield_out_of_band",
            Self::Closure => "closure",
        }
    }
}

/// An anomaly of a transform, in one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransformFinding {
    /// The rule.
    pub rule: TransformRule,
    /// What was expected: a band in ppm of the inputs, or contents in µg.
    pub expected: (i128, i128),
    /// What is stated, in the same unit.
    pub observed: i128,
    /// Content outside what was expected, µg.
    pub size_ug: i128,
}

impl TransformFinding {
    /// Whether what is off may be the uncertainty of weighing and assay.
    #[must_use]
    pub fn within_measurement(&self) -> bool {
        (self.expected.0..=self.expected.1).contains(&self.observed)
    }
}

/// One standard deviation of a part's content: weighing and assay of its stage.
fn sigma_ug(part: &Part, common: &Common) -> f64 {
    let row = part.stage.and_then(|s| common.stage_row(s));
    let ppm = |value: Option<u32>| f64::from(value.unwrap_or(10_000)) / 1e6;
    let mass = ppm(row.map(|r| r.mass_rel_ppm));
    let assay = ppm(row.map(|r| r.assay_rel_ppm));
    part.content_ug.unwrap_or(0) as f64 * (mass * mass + assay * assay).sqrt()
}

/// The anomalies of a transform in one element.
#[must_use]
pub fn transform_findings(transform: &Transform<'_>, common: &Common) -> Vec<TransformFinding> {
    let sum = |parts: &[Part]| -> i128 {
        parts.iter().map(|p| i128::from(p.content_ug.unwrap_or(0))).sum()
    };
    let (input, output) = (sum(transform.inputs), sum(transform.outputs));
    let mut findings = Vec::new();
    if input == 0 {
        let analysed = transform.inputs.iter().all(|p| p.content_ug.is_some());
        if output > 0 && analysed {
            findings.push(TransformFinding {
                rule: TransformRule::Unexplained,
                expected: (0, 0),
                observed: output,
                size_ug: output,
            });
        }
        return findings;
    }
    let variance: f64 = transform
        .inputs
        .iter()
        .chain(transform.outputs)
        .chain(transform.losses)
        .map(|p| sigma_ug(p, common).powi(2))
        .sum();
    let tolerance = (3.0 * variance.sqrt()).ceil() as i128;
    // Each leg's content is rounded down to a whole microgram: so much is no gain.
    let rounding = (transform.inputs.len() + transform.outputs.len()) as i128;
    if output > input + rounding {
        findings.push(TransformFinding {
            rule: TransformRule::Gain,
            expected: (input, input + tolerance),
            observed: output,
            size_ug: output - input,
        });
    }
    let open_loss = transform.losses.iter().any(|p| p.content_ug.is_none());
    let stated = output + sum(transform.losses);
    if !open_loss && stated + tolerance < input {
        findings.push(TransformFinding {
            rule: TransformRule::Closure,
            expected: (input - tolerance, input),
            observed: stated,
            size_ug: input - stated,
        });
    }
    findings.extend(yield_finding(transform, input, tolerance, common));
    findings
}

fn yield_finding(
    transform: &Transform<'_>,
    input: i128,
    tolerance: i128,
    common: &Common,
) -> Option<TransformFinding> {
    let by_product =
        |part: &Part| part.stage.and_then(|s| common.stage_row(s)).is_some_and(|r| r.by_product());
    let main: Vec<&Part> = transform.outputs.iter().filter(|p| !by_product(p)).collect();
    let output: i128 = main.iter().map(|p| i128::from(p.content_ug.unwrap_or(0))).sum();
    // An element that goes into no main product is not what the process is run for.
    if output == 0 {
        return None;
    }
    let richest = |parts: &mut dyn Iterator<Item = &Part>| {
        parts.max_by_key(|p| p.content_ug.unwrap_or(0)).and_then(|p| p.stage)
    };
    let process = transform.process.and_then(|p| common.processes.get(p.0 as usize));
    let (input, output, band) = match process {
        Some(process) if process.yield_of == YieldOf::Source => {
            let (source, gained) = picked_up(transform, process);
            // An element that is not in the source is only worked on.
            if source == 0 {
                return None;
            }
            (source, gained, Some((process.yield_low_ppm, process.yield_high_ppm)))
        }
        Some(process) => (input, output, Some((process.yield_low_ppm, process.yield_high_ppm))),
        None => {
            let from = richest(&mut transform.inputs.iter())?;
            let to = richest(&mut main.iter().copied())?;
            (input, output, common.yield_band(from, to))
        }
    };
    let (low, high) = band?;
    let least = input * i128::from(low) / 1_000_000;
    let most = input * i128::from(high) / 1_000_000;
    let outside = if output < least { least - output } else { output - most };
    (outside > tolerance).then(|| TransformFinding {
        rule: TransformRule::YieldOutOfBand,
        expected: (i128::from(low), i128::from(high)),
        observed: output * 1_000_000 / input,
        size_ug: outside,
    })
}

/// What was added to the material worked on, and how much of it the product holds more than the
/// material did; what comes back unused is no product.
fn picked_up(transform: &Transform<'_>, process: &ProcessRow) -> (i128, i128) {
    let sum = |parts: &[Part], of: &dyn Fn(Option<StageId>) -> bool| -> i128 {
        let parts = parts.iter().filter(|p| of(p.stage));
        parts.map(|p| i128::from(p.content_ug.unwrap_or(0))).sum()
    };
    let worked_on = |stage: Option<StageId>| stage.is_some_and(|s| process.from.contains(&s));
    let carried = sum(transform.inputs, &worked_on);
    let source = sum(transform.inputs, &|stage| !worked_on(stage));
    let product = sum(transform.outputs, &|stage| stage.is_some() && stage == process.to);
    (source, product - carried)
}
