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
    /// Where the weights go (`src/detect/waves/model.bin`, `src/detect/classes.txt`, `src/detect/trust.txt` are what is compiled in)
    #[arg(long)]
    out: PathBuf,
    /// `waves`: also score on whole records held out, in so many parts; 0 = do not
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// `waves`: at most so many passes over the data: quicker and worse
    #[arg(long)]
    epochs: Option<usize>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// Bounds of P, QRS and T, from LUDB
    Waves,
    /// Classes of beats, from WFDB records with `.atr` annotations
    Beats,
    /// Trust in the beats found, from the same under simulated noise
    Trust,
}

pub fn run(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let (model, tables) = match args.what {
        What::Waves => {
            let trained = evaluate::train_waves(&args.data, args.folds, args.epochs)?;
            (trained.model, if args.folds > 0 { trained.held_out.tables } else { Vec::new() })
        }
        What::Beats => {
            let (weights, table) = evaluate::train::classes(&args.data)?;
            (weights.into_bytes(), vec![table])
        }
        What::Trust => {
            let (weights, tables) = evaluate::trust::trust(&args.data)?;
            (weights.into_bytes(), tables)
        }
    };
    for table in &tables {
        print_table(table);
    }
    std::fs::write(&args.out, &model)?;
    let (file, bytes) = (args.out.display(), model.len());
    match lang {
        Lang::Zh => println!("已写入 {file}（{bytes} 字节）"),
        Lang::En => println!("wrote {file} ({bytes} bytes)"),
    }
    Ok(ExitCode::SUCCESS)
}
