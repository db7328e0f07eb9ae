//! The columns of a filing row, by their names in a file.

macro_rules! columns {
    ($($variant:ident $name:literal $what:literal),+ $(,)?) => {
        /// A column of a filing row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Column { $(#[doc = $what] $variant),+ }

        impl Column {
            /// Every column, in the order of the canonical row.
            pub const ALL: &'static [Column] = &[$(Column::$variant),+];

            /// The name in the header line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Column::$variant => $name),+ }
            }

            /// The column of a header name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Column> {
                match name { $($name => Some(Column::$variant),)+ _ => None }
            }
        }
    };
}

columns! {
    Filing "filing" "The filer's own reference.",
    Kind "kind" "What is declared.",
    Date "date" "Business date.",
    PeriodFrom "period_from" "First day of the reported period.",
    PeriodTo "period_to" "Last day of the reported period.",
    Filer "filer" "Who files.",
    FromParty "from_party" "The sender, of a receipt or import.",
    ToParty "to_party" "The receiver, of a transfer, title or export.",
    Owner "owner" "Who owns, if not the holder.",
    Move "move" "Why material moves.",
    Site "site" "Where, at the filer.",
    ToSite "to_site" "Where, at the receiver.",
    Leg "leg" "Of a transform: in, out or loss.",
    Process "process" "Of a transform: a process of the pack.",
    Lot "lot" "The lot concerned.",
    SourceLot "source_lot" "The lot of which this is a part.",
    Stage "stage" "The kind of material.",
    NetMass "net_mass_kg" "Net mass in kilograms.",
    Composition "composition" "Composition in % by mass.",
    Basis "basis" "What the composition refers to.",
    Moisture "moisture_pct" "Moisture in %.",
    Loi "loi_pct" "Loss on ignition in %.",
    Treo "treo_pct" "Total rare-earth oxides in %.",
    AssayStatus "assay_status" "Provisional, final or umpire.",
    AssayDate "assay_date" "Date of the assay.",
    Laboratory "laboratory" "Who analysed.",
    Hs "hs" "HS or CN code.",
    Product "product" "Product name or GTIN.",
    Grade "grade" "Magnet grade.",
    Pieces "pieces" "Number of pieces.",
    CustomerName "customer_name" "The other party in words.",
    CustomerCountry "customer_country" "ISO 3166-1 alpha-2.",
    Invoice "invoice" "Invoice number.",
    Contract "contract" "Contract number.",
    Declaration "declaration" "Customs declaration.",
    Licence "licence" "Licence number and line.",
    EndUserName "end_user_name" "The end user.",
    EndUserCountry "end_user_country" "ISO 3166-1 alpha-2.",
    EndUse "end_use" "A use of the pack.",
    Value "value" "Value in the currency.",
    Currency "currency" "ISO 4217.",
    Corrects "corrects" "The live earlier reference that this filing replaces.",
    Note "note" "Free text.",
}

/// Number of columns.
pub const COLUMN_COUNT: usize = 43;

const _: () = assert!(Column::ALL.len() == COLUMN_COUNT);

/// Columns that a rejects file adds and that are ignored when it is imported again.
pub const REJECT_COLUMNS: [&str; 4] = ["line", "code", "message", "accepted"];

impl Column {
    /// Whether the column holds a decimal number, in which a file may use a decimal comma.
    #[must_use]
    pub fn decimal(self) -> bool {
        matches!(
            self,
            Column::NetMass
                | Column::Composition
                | Column::Moisture
                | Column::Loi
                | Column::Treo
                | Column::Value
        )
    }
}
