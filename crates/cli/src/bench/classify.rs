//! `gadolin bench classify`: goods a second on one core, from JSON line to JSON line.

use base::Date;
use base::time::date_parse;
use controls::{AsOf, Classifier, Good};
use serde::Serialize;

use crate::commands::End;
use crate::commands::law::pack_faultless;
use crate::resources::{Watch, cpu_seconds, peak_mib};

#[derive(Debug, clap::Args)]
pub(crate) struct BenchClassify {
    /// A carried pack, or the directory of one
    #[arg(long, value_name = "ID|DIR", default_value = "cn")]
    pack: String,
    /// How many goods
    #[arg(long, default_value_t = 200_000)]
    goods: usize,
    /// The day of the law
    #[arg(long, value_name = "DATE", default_value = "2025-10-15", value_parser = day)]
    as_of: Date,
}

fn day(text: &str) -> Result<Date, String> {
    date_parse(text).ok_or_else(|| "give a day as YYYY-MM-DD".to_owned())
}

#[derive(Debug, Serialize)]
struct Measured {
    bench: &'static str,
    goods: usize,
    items: usize,
    prepare_ms: f64,
    cpu_s: f64,
    goods_per_s: f64,
    bytes_in: usize,
    bytes_out: usize,
    peak_mib: f64,
}

/// Goods of every sort: controlled and not, with and without assay, English and Chinese, referred ones.
const GOODS: &[&str] = &[
    r#"{"id":"1","name":"sintered NdFeB magnet 30x10x5 mm, nickel coated","hs":"8505111000","grade":"N42SH","composition":{"Nd":"24.5","Pr":"5.8","Dy":"2.3","Fe":"66","B":"1","Co":"0.4"}}"#,
    r#"{"id":"2","name":"NdFeB magnet","grade":"N52","composition":{"Nd":"29","Pr":"1","Dy":"<0.01","Tb":"<0.01","Ho":"<0.01","Fe":"68.9","B":"1"}}"#,
    r#"{"id":"3","name":"NdFeB magnet","grade":"38UH"}"#,
    r#"{"id":"4","name":"lanthanum oxide 99.99 %","hs":"2846901200","composition":{"La2O3":"99.99"}}"#,
    r#"{"id":"5","name":"氧化镝及其混合物","hs":"2846901500"}"#,
    r#"{"id":"6","name":"holmium-containing crystal material","form":"crystal"}"#,
    r#"{"id":"7","name":"strontium ferrite ring magnet","hs":"8505191000"}"#,
    r#"{"id":"8","name":"antimony trioxide powder","parameters":{"purity_pct":"99.95"}}"#,
    r#"{"id":"9","name":"rotor with embedded NdFeB magnets","form":"assembly"}"#,
    r#"{"id":"10","name":"gallium arsenide wafer, 4 inch, semi-insulating"}"#,
    r#"{"id":"11","name":"mixed rare earth carbonate","composition":{"La2O3":"25","CeO2":"40","Dy2O3":"1.2"}}"#,
    r#"{"id":"12","name":"SmCo5 permanent magnet, grade YXG-24","composition":{"Sm":"34","Co":"65"}}"#,
    r#"{"id":"13","name":"stainless steel bolt M8x40","hs":"7318150000"}"#,
    r#"{"id":"14","name":"artificial graphite block, purity 99.95 %, strength 42 MPa, density 1.8 g/cm3"}"#,
    r#"{"id":"15","name":"钇铝合金靶","form":"target"}"#,
    r#"{"id":"16","name":"technology for smelting and separation of rare earths"}"#,
];

impl BenchClassify {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let pack = pack_faultless(&self.pack)?;
        let watch = Watch::start();
        let classifier = Classifier::new(&pack, AsOf::on(self.as_of));
        let prepare_ms = watch.seconds() * 1e3;
        let mut line = Vec::new();
        let (mut bytes_in, mut bytes_out) = (0, 0);
        let start = cpu_seconds();
        for text in GOODS.iter().cycle().take(self.goods) {
            bytes_in += text.len();
            let good = Good::parse(text.as_bytes())
                .map_err(|(id, _)| anyhow::anyhow!("good {id} of the bench is faulty"))?;
            line.clear();
            serde_json::to_writer(&mut line, &classifier.classify(&good))?;
            bytes_out += std::hint::black_box(&line).len();
        }
        let cpu_s = cpu_seconds() - start;
        super::say(&Measured {
            bench: "classify",
            goods: self.goods,
            items: pack.list.items.len(),
            prepare_ms,
            cpu_s,
            goods_per_s: self.goods as f64 / cpu_s,
            bytes_in,
            bytes_out,
            peak_mib: peak_mib(),
        })?;
        Ok(End::Done)
    }
}
