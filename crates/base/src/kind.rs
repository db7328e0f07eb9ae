//! Kinds of filing, legs of a transform, reasons of a move.

macro_rules! codes {
    ($(#[$doc:meta])* $type:ident { $($variant:ident $code:literal $what:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $type { $(#[doc = $what] $variant),+ }

        impl $type {
            /// All of them, in order.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The code in a file.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $($type::$variant => $code),+ }
            }

            /// The value of a code.
            #[must_use]
            pub fn parse(code: &str) -> Option<$type> {
                match code { $($code => Some($type::$variant),)+ _ => None }
            }

            /// The value at a position in [`Self::ALL`].
            #[must_use]
            pub fn from_index(index: u8) -> Option<$type> {
                Self::ALL.get(index as usize).copied()
            }
        }
    };
}

codes! {
    /// The kind of a filing.
    Kind {
        Opening "opening" "Stock at the cut-over date: a root.",
        Extract "extract" "Out of the ground: a root.",
        Import "import" "From abroad: a root, or the continuation of a known lot.",
        Collect "collect" "End-of-life scrap: a root.",
        Transform "transform" "Inputs consumed, outputs made.",
        Transfer "transfer" "Leaves the sender, is in transit.",
        Receipt "receipt" "Arrives at the receiver.",
        Title "title" "Ownership changes, nothing moves.",
        Export "export" "To a customer abroad.",
        Reimport "reimport" "Back from abroad.",
        Use "use" "Built into a product of an end use.",
        Loss "loss" "Destroyed or lost.",
        Count "count" "Asserts the day's closing stock.",
        Void "void" "Replaces a filing by nothing.",
    }
}

codes! {
    /// The leg of a transform that a row states.
    Leg {
        In "in" "Consumed.",
        Out "out" "Made.",
        Loss "loss" "Lost.",
    }
}

codes! {
    /// Why material moves.
    Move {
        Sale "sale" "Sold.",
        TollOut "toll_out" "Given out for processing.",
        TollReturn "toll_return" "Back from processing.",
        Consignment "consignment" "Given on consignment.",
        OwnMove "own_move" "Between own sites.",
        Return "return" "Returned.",
        Loan "loan" "Lent.",
        Sample "sample" "A sample.",
        BuyBack "buy_back" "Swarf or scrap bought back.",
    }
}

impl Kind {
    /// Kinds by which a lot appears: it is a root (an import may also continue a lot).
    #[must_use]
    pub fn root(self) -> bool {
        matches!(self, Kind::Opening | Kind::Extract | Kind::Import | Kind::Collect)
    }
}
