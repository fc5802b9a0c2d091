#include "tools/nearfield/number_checks.h"
#include "tools/nearfield/options.h"

namespace nf {
namespace {

void add_predict_stdio(CLI::App* verb, PredictArgs& args) {
  constexpr const char* kGroup = "Driven by lines on standard input";
  verb->add_flag("--stdio", args.stdio,
                 "Answer lines TRACE, LEVEL, C, S, U and QUIT with one policy")
      ->group(kGroup);
  verb->add_option("--policy", args.policy, "Which one")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(kGroup);
  verb->add_option("--knob", args.knob, "Its knob (default: its own)")
      ->check(number_within(0, 600))
      ->type_name("X")
      ->group(kGroup);
}

void add_predict_world(CLI::App* verb, PredictArgs& args) {
  verb->add_option("--world", args.world, "A world to move in, instead of one that is made")
      ->type_name("FILE.nfa");
  verb->add_option("--grid", args.grid_seed, "What the made world grows from")
      ->check(seed_number())
      ->type_name("SEED")
      ->capture_default_str();
  verb->add_option("--device", args.device,
                   "A simulated disk, or FILE.json of a measured one (default: as fast as --rho "
                   "asks)")
      ->type_name("NAME");
  verb->add_option("--rho", args.rho,
                   "What is asked of the disk in its busiest twentieth, of what it can do")
      ->check(number_within(0.01, 100))
      ->capture_default_str();
  add_optional_size(verb, "--memory", args.memory,
                    "Memory (default: 1.5 times what is required at one time)");
}

void add_predict_learning(CLI::App* verb, PredictArgs& args) {
  verb->add_option("--model", args.model, "Give foretell what `nearfield train` has learnt")
      ->type_name("MODEL.nfm");
  verb->add_option("--train", args.train,
                   "Learn from recorded movement first, a model for each kind; may be the folder "
                   "of\n--traces: no model is tested on a group (match, session, track) that it "
                   "saw")
      ->type_name("DIR");
  verb->add_option("--train-hours", args.train_hours, "Of movement of each kind to learn from")
      ->check(number_within(0.01, 1000))
      ->capture_default_str();
}

}  // namespace

void add_predict_options(CLI::App* verb, PredictArgs& args) {
  // Here it names a file: --json FILE.
  verb->remove_option(verb->get_option("--json"));
  verb->add_option("--json", args.json, "Write all figures as JSON; - is standard output")
      ->type_name("FILE.json");
  verb->add_option("--html", args.html, "Write a page with curves that needs no network")
      ->type_name("FILE.html");
  verb->add_flag("--force", args.force, "Replace files that are something else");
  verb->add_option("--traces", args.traces, "Recorded movement")->type_name("DIR");
  add_predict_learning(verb, args);
  verb->add_option("--kinds", args.kinds, "Only these, with commas between (default: all)")
      ->delimiter(',')
      ->type_name("A,B");
  verb->add_option("--policies", args.policies,
                   "Which, with commas between (default: all); none, margin and oracle always are")
      ->delimiter(',')
      ->type_name("A,B");
  verb->add_option("--hours", args.hours, "Of movement of each kind")
      ->check(number_within(0.01, 1000))
      ->capture_default_str();
  verb->add_option("--seed", args.seed, "Which pieces of the traces are taken")
      ->check(seed_number())
      ->capture_default_str();
  verb->add_option("--threads", args.threads,
                   "0: one a core; the figures are the same for any number, but for the time that\n"
                   "policies take")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  add_predict_world(verb, args);
  add_predict_stdio(verb, args);
}

}  // namespace nf
