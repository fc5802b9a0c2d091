// The options of `fly` and `certify`.
#include "core/io/sim_device.h"
#include "tools/nearfield/command_line.h"

namespace nf {
namespace {

std::string device_names() {
  std::string names;
  for (const DeviceModel& model : device_models()) {
    names += (names.empty() ? "" : ", ") + std::string(model.name);
  }
  return names;
}

void add_fly_flight(CLI::App* verb, FlyArgs& args) {
  CLI::Option* trace = verb->add_option("--trace", args.trace, "Recorded movement: t_seconds,x,y,z")
                           ->type_name("FILE.csv");
  verb->add_option("--route", args.route,
                   "Without a trace. tour: from container to container; line: across the world;\n"
                   "orbit: around it (default: tour)")
      ->check(CLI::IsMember({"tour", "line", "orbit"}))
      ->excludes(trace);
  verb->add_option("--origin", args.origin, "Where the trace's 0,0,0 is in the world, metres")
      ->type_name("X,Y,Z")
      ->needs(trace);
  verb->add_option("--scale", args.scale, "Metres of world for a metre of trace")
      ->needs(trace)
      ->capture_default_str();
  verb->add_option("--speed", args.speed,
                   "Metres a second (default: 250; a trace keeps its own timing)")
      ->type_name("M_PER_S");
  verb->add_option(
          "--speed-max", args.speed_max,
          "State Observer::speed_max, as an engine does that relies on `certify`: all that\n"
          "could be reached is loaded ahead, whatever turns come (default: not stated)")
      ->type_name("M_PER_S");
  verb->add_option("--seconds", args.seconds,
                   "Length of the flight (default: 60; a trace is flown to its end)")
      ->type_name("S");
}

void add_fly_machine(CLI::App* verb, FlyArgs& args) {
  verb->add_option(
          "--device", args.device,
          "real, or a simulated disk: time is virtual and the numbers repeat. `list` shows "
          "them:\n" +
              device_names() +
              ".\n"
              "FILE.json: one that was measured, by `nearfield bench disk --model FILE.json`")
      ->type_name("NAME")
      ->capture_default_str();
  verb->add_option("--backend", args.backend,
                   "How a real disk is read; auto: io_uring where the kernel allows it")
      ->check(CLI::IsMember({"auto", "uring", "threads"}))
      ->default_str("auto");
  verb->add_option("--tune", args.tune,
                   "Keep as many bytes in flight as the real disk needs: FILE.json is what\n"
                   "`nearfield bench disk --model FILE.json` measured of it (default: 4 MiB)")
      ->type_name("FILE.json");
  add_size(verb, "--memory", args.memory, "The budget: containers and buffers together");
  verb->add_option("--lookahead", args.lookahead_seconds, "Seconds ahead of need that is read")
      ->type_name("S")
      ->capture_default_str();
  verb->add_option("--workers", args.workers, "Decode workers; a simulated device has none")
      ->check(CLI::Range(0, 64))
      ->default_str("2");
  verb->add_option("--fps", args.frames_per_second, "Frames a second")
      ->check(CLI::Range(1.0, 1000.0))
      ->capture_default_str();
  verb->add_flag("--as-fast", args.as_fast,
                 "Do not wait for the clock where nothing is on its way");
  verb->add_option("--seed", args.seed, "What a simulated device's delays grow from")
      ->check(refuse_negative)
      ->default_str("1");
  verb->add_option("--max-late", args.late_max,
                   "Exit 1 if more arrivals are late, or if nothing arrived")
      ->check(refuse_negative)
      ->type_name("N");
  verb->add_option("--report", args.report, "Write a page with plots that needs no network")
      ->type_name("FILE.html");
  verb->add_flag("--force", args.force, "Replace the report's file even if it is no report");
}

}  // namespace

void add_fly(CommandLine& line) {
  static FlyArgs args;
  CLI::App* verb = line.verb(
      "fly", "Fly through a world: is everything there in time?",
      "nearfield fly world.nfa --route tour --speed 250 --device hdd --report flight.html\n\n"
      "The start bubble is filled before the clock starts. An arrival is late if the observer was\n"
      "within a container's load distance before it was resident; percentiles of lateness are "
      "over\n"
      "all arrivals of the flight, 0 for those in time.\n\n"
      "A trace is text: t_seconds,x,y,z a line, in seconds and metres, times ascending. A first\n"
      "line of those four names may put the columns in another order. Blank lines, lines that\n"
      "start with # and spaces around numbers mean nothing.",
      [](Console& console) { return run_fly(args, console); });
  add_archive(verb, args.archive);
  add_fly_flight(verb, args);
  add_fly_machine(verb, args);
}

void add_certify(CommandLine& line) {
  static CertifyArgs args;
  CLI::App* verb = line.verb(
      "certify", "What can be late, whatever a player does that is no faster than stated?",
      "nearfield certify world.nfa --device sata_ssd --speed 40 --budget 1GiB --report c.html\n\n"
      "For an engine that states the speed as Observer::speed_max, on a disk as the model says; a\n"
      "flight by `fly` checks the certificate only if --speed-max states the same.\n"
      "Exit 0 if every container is proven never to be late, else 1: some were then found late in\n"
      "a simulated flight, of others it is not known. A jump is no motion within the envelope.\n\n"
      "Causes: deadline, more can be needed at one time than is loaded by then; holes, memory is\n"
      "enough but for the gaps between what it holds; memory, it is not enough; limit, a list of\n"
      "the runtime is too short. Only a deadline has a bound of how late. What helps is said with\n"
      "each, and in figures.",
      [](Console& console) { return run_certify(args, console); });
  add_archive(verb, args.archive);
  verb->add_option("--speed", args.speed, "Metres a second, at most")
      ->type_name("M_PER_S")
      ->required();
  verb->add_option("--device", args.device,
                   "A simulated disk; `list` shows them: " + device_names() +
                       ".\nFILE.json: one that was measured, by `nearfield bench disk --model`")
      ->type_name("NAME")
      ->capture_default_str();
  add_size(verb, "--budget", args.budget, "Memory: containers and buffers together");
  verb->add_option("--lookahead", args.lookahead_seconds, "Seconds ahead of need that is read")
      ->type_name("S")
      ->capture_default_str();
  verb->add_option("--under", args.under, "Judge only this container and what is below it")
      ->type_name("PATH");
  verb->add_option("--workers", args.workers, "Decode workers; 0: decoding takes no time")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  verb->add_option("--fps", args.frames_per_second, "Frames a second")
      ->check(CLI::Range(1.0, 1000.0))
      ->capture_default_str();
  verb->add_option("--wanted-max", args.wanted_max,
                   "StreamerOptions::wanted_per_observer_max of the engine")
      ->check(CLI::Range(1, 32768))
      ->capture_default_str();
  verb->add_flag(
      "--ignore-holes", args.ignore_holes,
      "Take memory for one piece. Holes rarely matter, but then nothing is proven of it");
  verb->add_option("--resolution", args.resolution,
                   "Metres between places that are told apart (default: a part of the way ahead)")
      ->type_name("M");
  verb->add_option("--flights", args.flights, "Simulated flights that try to be late")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  verb->add_option("--seed", args.seed, "What the flights grow from")
      ->check(refuse_negative)
      ->capture_default_str();
  verb->add_option("--report", args.report, "Write a page with a map that needs no network")
      ->type_name("FILE.html");
  verb->add_flag("--force", args.force, "Replace the report's file even if it is no report");
}

}  // namespace nf
