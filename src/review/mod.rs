//! The physician's part, pure: the states of a case, who may do what, the order of the worklist, what a reader changed,
//! and the loop of a critical value. The clock, identity and storage are arguments: `server` and `store` carry out what
//! is decided here.

mod blind;
mod case;
mod critical;
mod edit;
mod retention;
mod role;
mod tree;
mod worklist;

pub use blind::{Agreement, Concord, Pair, concord, sample};
pub use case::{Action, Actor, Case, Event, Refusal, Rules, State, apply};
pub use critical::{CriticalLimits, CriticalLoop, CriticalStep};
pub use edit::{Conclusion, Difference, Edit, Line, LineOrigin, conclude, difference};
pub use retention::{cutoff, expired};
pub use role::{Act, Role, may};
pub use tree::{Misplaced, Place, moved, switched};
pub use worklist::{Priority, Urgency, place};
