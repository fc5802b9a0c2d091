// nearfield: the command line. Declares the verbs and their options, and answers with its exit
// code.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "tools/nearfield/command_line.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/number_checks.h"

namespace nf {
namespace {

constexpr const char* kAbout =
    "nearfield packs game worlds into archives and streams them.\n"
    "  nearfield generate world --size 256MiB     make a star system to play with\n"
    "  nearfield pack world -o world.nfa          pack it\n"
    "  nearfield fly world.nfa --report fly.html  fly through it: was everything there in time?";

constexpr const char* kExitCodes =
    "Exit codes:\n"
    "  0    done\n"
    "  1    the answer is no: bad chunks, late arrivals past --max-late, no certificate\n"
    "  2    wrong use: of the command line, or it names something that is not there\n"
    "  3    the input is bad: an archive, source or trace is not what it should be\n"
    "  4    the machine refused: disk full, permission, no memory, no io_uring\n"
    "  130  interrupted";

void add_pack_without(CLI::App* verb, PackArgs& args) {
  verb->add_option(
          "--without", args.without,
          "Leave out what carries this tag in world.json: assets, and containers with all\n"
          "that is in them; may be given again for another tag")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("TAG");
  verb->add_option("--without-kind", args.without_kinds,
                   "Leave out assets of this kind, such as texture; may be given again")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("KIND");
}

void add_pack(CommandLine& line) {
  static PackArgs args;
  CLI::App* verb = line.verb(
      "pack", "Pack a source tree into an archive",
      "nearfield pack assets/ -o world.nfa --codec lz4\n"
      "  nearfield pack world/ -o server.nfa --without client --without-kind texture\n\n"
      "SOURCE is a folder (each folder a container), a folder with a world.json that gives "
      "containers\n"
      "places, or the data of FlightGear, Stellarium or Naev as their packages have it. The old\n"
      "archive stands until the new one is whole.\n"
      "A folder's hidden files are packed like any other. Symbolic links, pipes and devices are\n"
      "refused, and so are names that are not UTF-8: all that is in the way is named at once.",
      [](Console& console) { return run_pack(args, console); });
  verb->add_option("source", args.source, "The source tree")->required()->type_name("SOURCE");
  verb->add_option("-o,--output", args.output, "The archive to write")
      ->required()
      ->type_name("WORLD.nfa");
  verb->add_option("--format", args.format, "What the source is")
      ->check(CLI::IsMember({"auto", "folder", "world", "flightgear", "stellarium", "naev"}))
      ->capture_default_str();
  verb->add_option("--codec", args.codec, "auto: whichever is resident first from that disk")
      ->check(CLI::IsMember({"auto", "store", "lz4", "zstd"}))
      ->capture_default_str();
  verb->add_flag("--force", args.force, "Replace the output even if it is no archive");
  add_pack_without(verb, args);
  verb->add_option("--lz4-level", args.lz4_level, "Higher is smaller and slower to pack")
      ->check(CLI::Range(3, 12))
      ->capture_default_str();
  verb->add_option("--zstd-level", args.zstd_level, "Higher is smaller and slower to pack")
      ->check(CLI::Range(1, 19))
      ->capture_default_str();
  add_size(verb, "--chunk-size", args.chunk_size,
           "Decoded bytes of a chunk, 4 KiB to 1 MiB; 0: 64 KiB of a large asset, 128 KiB of a\n"
           "mesh, 256 KiB that small ones share; 256 KiB of all for zstd: with --codec zstd,\n"
           "or by --codec auto for a disk of up to 250 MB/s");
  CLI::Option* rate = add_size(verb, "--disk-rate", args.disk_rate,
                               "Bytes a second of the disk to choose codecs for");
  verb->add_option("--disk", args.disk,
                   "That disk by name, as `fly --device list` shows them, or FILE.json: one that\n"
                   "was measured, by `nearfield bench disk --model FILE.json`")
      ->type_name("NAME")
      ->excludes(rate);
  add_size(verb, "--memory", args.memory, "Memory for assets and chunks on their way");
  verb->add_option("--threads", args.threads,
                   "0: one a core; the bytes are the same for any number")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
}

void add_info(CommandLine& line) {
  static InfoArgs args;
  CLI::App* verb = line.verb("info", "Show what an archive holds", "nearfield info world.nfa",
                             [](Console& console) { return run_info(args, console); });
  add_archive(verb, args.archive);
}

void add_list(CommandLine& line) {
  static ListArgs args;
  CLI::App* verb = line.verb("list", "List containers and assets",
                             "nearfield list world.nfa planet2/zone1 --assets --kind texture",
                             [](Console& console) { return run_list(args, console); });
  add_archive(verb, args.archive);
  verb->add_option("path", args.path, "Only this container and what is in it")->type_name("PATH");
  verb->add_flag("--assets", args.assets, "List the assets, too");
  verb->add_option("--kind", args.kind, "Only assets of this kind, and containers that have some")
      ->type_name("KIND");
  verb->add_flag("--flat", args.flat, "Whole paths, no tree");
  verb->add_option("--depth", args.depth_max, "Levels below the start")
      ->check(refuse_negative)
      ->type_name("N");
}

void add_cat(CommandLine& line) {
  static CatArgs args;
  CLI::App* verb = line.verb(
      "cat", "Write one asset's bytes to standard output",
      "nearfield cat world.nfa planet2/zone1/form1.mesh > form1.mesh\n"
      "  nearfield cat world.nfa planet2/zone1/form1.mesh --range 4KiB:512 > part\n\n"
      "With --range only the chunks that hold the part are read from the disk.\n"
      "With --json: the asset's container, name, kind and size, and the hash of the bytes\n"
      "that were asked for, without the bytes.",
      [](Console& console) { return run_cat(args, console); });
  add_archive(verb, args.archive);
  verb->add_option("path", args.path, "container/path/asset")->required()->type_name("PATH");
  verb->add_option("--range", args.range, "SIZE bytes of the asset, from byte FROM on")
      ->type_name("FROM:SIZE");
}

void add_extract(CommandLine& line) {
  static ExtractArgs args;
  CLI::App* verb =
      line.verb("extract", "Write assets to a folder, never outside it",
                "nearfield extract world.nfa planet2 -o out\n\n"
                "PATH is a container (with all that is in it) or an asset; without one everything "
                "is written.\n"
                "Without -o, world.nfa goes to the folder world, here. Files that exist are left "
                "alone\n"
                "and end the run, unless --force is given.",
                [](Console& console) { return run_extract(args, console); });
  add_archive(verb, args.archive);
  verb->add_option("paths", args.paths, "Containers or assets")->type_name("PATH");
  verb->add_option("-o,--output", args.output,
                   "The folder to write to; made if it is not there (default: the archive's name)")
      ->type_name("DIR");
  verb->add_flag("--force", args.force, "Replace files that exist");
  verb->add_flag("--allow-expansion", args.allow_expansion,
                 "Write more than 64 MiB even if it is over 64 times what the archive decodes to");
  verb->add_flag("--keep-going", args.keep_going, "Leave damaged assets out, name them, exit 3");
}

void add_verify(CommandLine& line) {
  static VerifyArgs args;
  CLI::App* verb = line.verb("verify", "Read every chunk and name every bad one",
                             "nearfield verify world.nfa --json",
                             [](Console& console) { return run_verify(args, console); });
  add_archive(verb, args.archive);
  verb->add_option("--threads", args.threads, "How many read, check and decode")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

void add_generate_archive(CLI::App* verb, GenerateArgs& args) {
  constexpr const char* kGroup = "An archive at once (system, galaxy)";
  verb->add_option("-o,--output", args.archive, "The archive to write")
      ->type_name("FILE.nfa")
      ->group(kGroup);
  verb->add_option("--containers", args.containers,
                   "All of them, to the one (default: 100000; galaxy: 200 a star system)")
      ->check(refuse_negative)
      ->group(kGroup);
  verb->add_option("--assets", args.assets, "All of them, to the one (default: 10 a container)")
      ->check(refuse_negative)
      ->group(kGroup);
  add_optional_size(verb, "--asset-size", args.asset_size, "Bytes of each asset (default: 16)")
      ->group(kGroup);
  verb->add_option("--systems", args.systems, "Star systems of a galaxy (default: 100)")
      ->check(refuse_negative)
      ->group(kGroup);
  verb->add_flag("--force", args.force, "Replace a file that is no archive")->group(kGroup);
}

void add_generate(CommandLine& line) {
  static GenerateArgs args;
  CLI::App* verb = line.verb(
      "generate", "Make a star system of any size, or a galaxy, from a seed",
      "nearfield generate world --size 1GiB --seed 7\n"
      "  nearfield generate --recipe system --containers 1000000 --assets 10000000 -o system.nfa\n"
      "  nearfield generate --recipe galaxy --systems 100 --seed 3 -o galaxy.nfa\n\n"
      "The same options give the same bytes. Recipes:\n"
      "  world   a folder of files that look like real assets, and a flight over them:\n"
      "          routes/tour.csv. Pack the folder with `nearfield pack`, fly with\n"
      "          `nearfield fly --trace world/routes/tour.csv`.\n"
      "  system  a star system in true measures with as many containers and assets as asked for,\n"
      "          straight into an archive; the assets are noise of a few bytes each.\n"
      "  galaxy  many such systems, joined by gates.",
      [](Console& console) { return run_generate(args, console); });
  verb->add_option("folder", args.folder, "The folder to make (world)")->type_name("OUT_DIR");
  verb->add_option("--recipe", args.recipe, "world, system or galaxy")
      ->check(CLI::IsMember({"world", "system", "galaxy"}))
      ->capture_default_str();
  add_size(verb, "--size", args.size, "Bytes of assets (world)")->each([](const std::string&) {
    args.size_given = true;
  });
  verb->add_option("--seed", args.seed, "What the world grows from: another one, another world")
      ->check(refuse_negative)
      ->capture_default_str();
  verb->add_option("--threads", args.threads,
                   "0: one a core; the bytes are the same for any number")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  add_generate_archive(verb, args);
}

void add_predict(CommandLine& line) {
  static PredictArgs args;
  CLI::App* verb = line.verb(
      "predict", "How much is late if movement is foretold like this, at equal bytes read?",
      "nearfield predict --traces recordings --kinds walk,car --json predict.json\n\n"
      "Recorded movement (t_seconds,x,y,z a line; a folder a kind, or an index.csv that says of\n"
      "each file its kind, group and vmax) is led through a made world on a simulated disk, with\n"
      "each policy and each of its knobs. Gain is 0 as a wider radius, 1 as one who knows the\n"
      "future, at equal bytes read; caps are in the bytes that the latter reads.",
      [](Console& console) { return run_predict(args, console); });
  add_predict_options(verb, args);
}

void add_train(CommandLine& line) {
  static TrainArgs args;
  CLI::App* verb = line.verb(
      "train", "Learn from recorded movement how to foretell it",
      "nearfield train --traces recordings -o walk.nfm --kinds walk\n"
      "  nearfield predict --traces others --model walk.nfm\n"
      "  nearfield predict --traces recordings --train recordings\n\n"
      "Recordings are those of `nearfield predict`. The model holds moments of them, each the way\n"
      "that led to it and what came after, as seen by who moves; and how much each expert that\n"
      "foretells is to be believed. It holds no places and no names, so it is of use in any "
      "world,\n"
      "and none is asked for. Weights are fitted in made worlds, and only as far as that "
      "foretells\n"
      "groups better that were left out. The same recordings give the same bytes, whatever the\n"
      "number of threads. A model of one kind of mover foretells that kind best.",
      [](Console& console) { return run_train(args, console); });
  verb->add_option("--traces", args.traces, "Recorded movement")->required()->type_name("DIR");
  verb->add_option("-o,--output", args.output, "The model to write")
      ->required()
      ->type_name("MODEL.nfm");
  verb->add_option("--kinds,--kind", args.kinds, "Only these, with commas between (default: all)")
      ->delimiter(',')
      ->type_name("A,B");
  verb->add_option("--hours", args.hours, "Of movement of each kind")
      ->check(number_within(0.01, 1000))
      ->capture_default_str();
  add_size(verb, "--size", args.size,
           "The model's most bytes; without it, 4096 moments of 168 bytes")
      ->each([](const std::string&) { args.size_given = true; });
  verb->add_option("--seed", args.seed, "Which pieces of the recordings are taken")
      ->check(seed_number())
      ->capture_default_str();
  verb->add_option("--threads", args.threads,
                   "0: one a core; the bytes are the same for any number")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  verb->add_flag("--force", args.force, "Replace a file that is no model");
}

// Its own program reads the rest of the line, help included.
void add_bench(CommandLine& line) {
  static BenchArgs args;
  CLI::App* verb = line.app.add_subcommand("bench", "Measure this machine, and this build on it");
  verb->prefix_command();
  verb->set_help_flag();
  verb->callback([&line, verb] {
    args.words = verb->remaining();
    line.chosen = [](Console& console) { return run_bench(args, console); };
  });
}

std::string verb_in(const CLI::App& app) {
  const std::vector<CLI::App*> verbs = app.get_subcommands();
  return verbs.empty() ? "nearfield" : "nearfield " + verbs.front()->get_name();
}

// CLI11 says of an unknown verb only that one is required.
std::string what_is_wrong(const CLI::App& app, int count, char** words,
                          const CLI::ParseError& error) {
  const bool no_verb = app.get_subcommands().empty();
  if (no_verb && count < 2) return "a verb is required, such as pack or fly";
  if (no_verb && words[1][0] != '-') return std::string("there is no verb '") + words[1] + "'";
  return error.what();
}

// `fly --device list` names no archive; neither does `certify --device list`.
bool asks_for_devices(int count, char** words) {
  for (int i = 2; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--device=list") return true;
    if (word == "--device" && i + 1 < count && std::string_view(words[i + 1]) == "list")
      return true;
  }
  return false;
}

// Where the words cannot be understood, the option may not have been reached.
bool asks_for_json(int count, char** words) {
  return std::any_of(words, words + count,
                     [](const char* word) { return std::string_view(word) == "--json"; });
}

ExitCode run(int count, char** words) {
  CommandLine line(kAbout);
  line.app.require_subcommand(1);
  line.app.footer(kExitCodes);
  line.app.get_formatter()->label("SUBCOMMAND", "VERB");
  line.app.get_formatter()->label("Subcommands", "Verbs");
  line.app.set_version_flag("--version", "nearfield " NF_VERSION);
  for (auto* add : {add_pack, add_info, add_list, add_cat, add_extract, add_verify, add_generate,
                    add_fly, add_certify, add_predict, add_train, add_bench}) {
    add(line);
  }
  if (count > 1 && asks_for_devices(count, words)) {
    const std::string_view verb = words[1];
    if (verb == "fly" || verb == "certify") {
      CLI::App* asked = line.app.get_subcommand(std::string(verb));
      asked->get_option("archive")->required(false);
      if (verb == "certify") asked->get_option("--speed")->required(false);
    }
  }
  try {
    line.app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return static_cast<ExitCode>(line.app.exit(error));
    const std::string verb = verb_in(line.app);
    const std::string sentence =
        verb + ": " + what_is_wrong(line.app, count, words, error) + " (see " + verb + " --help)";
    Console console({.json = asks_for_json(count, words)});
    return console.finish(console.fail_as_said(ExitCode::wrong_use, sentence));
  }
  Console console(line.console);
  ExitCode code = ExitCode::done;
  try {
    code = line.chosen(console);
  } catch (const std::bad_alloc&) {
    code = console.fail(ExitCode::machine_refused, "out of memory");
  } catch (const std::exception& error) {
    code = console.fail(ExitCode::machine_refused, std::string("unexpected: ") + error.what());
  }
  code = console.finish(code);
  if (console.pipe_closed()) end_by_broken_pipe();
  return code;
}

}  // namespace
}  // namespace nf

int main(int count, char** words) {
  nf::ignore_write_signals();
  try {
    return static_cast<int>(nf::run(count, words));
  } catch (const std::exception& error) {
    // Outside of a verb there is no console; without memory there may be no string either.
    std::fprintf(stderr, "nearfield: %s\n", error.what());
    return static_cast<int>(nf::ExitCode::machine_refused);
  }
}
