//! `einthoven train`: learns the networks that are shipped in the package, from a reference database.

use super::Failure;
use super::evaluate::print_table;
use crate::evaluate;
use crate::text::Lang;
use std::path::PathBuf;
use std::process::ExitCode;

/// Train a model of this program from a reference database / 用参考数据库训练本程序的模型
#[derive(clap::Args)]
pub struct Args {
    /// What to train
    #[arg(value_enum)]
    what: What,
    /// Folder of the database's records
    #[arg(long)]
    data: PathBuf,
    /// Where the weights go (for `waves`: src/detect/waves/model.bin)
    #[arg(long)]
    out: PathBuf,
    /// Also score on whole records held out, in so many parts; 0 = do not
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// At most so many passes over the data: quicker and worse
    #[arg(long)]
    epochs: Option<usize>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// Bounds of P, QRS and T, from LUDB
    Waves,
}

pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let What::Waves = args.what;
    let trained = evaluate::train_waves(&args.data, args.folds, args.epochs)?;
    if args.folds > 0 {
        for table in &trained.held_out.tables {
            print_table(table);
        }
    }
    std::fs::write(&args.out, &trained.model)?;
    let bytes = trained.model.len();
    println!(
        "{}",
        match lang {
            Lang::Zh => format!("已写入 {}({bytes} 字节)", args.out.display()),
            Lang::En => format!("wrote {} ({bytes} bytes)", args.out.display()),
        }
    );
    Ok(ExitCode::SUCCESS)
}
