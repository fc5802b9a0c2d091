// `nearfield certify`: what can be late, whatever a player does that is no faster than was stated?
#include <algorithm>
#include <cmath>

#include <nearfield/read_window.h>
#include <nlohmann/json.hpp>

#include "formats/pack/choose_codec.h"
#include "tools/certify/adversary.h"
#include "tools/certify/certify.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/certify_output.h"
#include "tools/nearfield/commands.h"
#include "tools/nearfield/device_choice.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output_file.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/stray_gates.h"
#include "tools/nearfield/text_file.h"

namespace nf {
namespace {

constexpr std::uint64_t kProgressSteps = 1'000'000;

std::string wrong_numbers(const CertifyArgs& args) {
  if (!(args.speed > 0 && args.speed <= kEnvelopeSpeedMax)) {
    return "--speed must be more than 0 and at most 1e12";
  }
  if (!(args.lookahead_seconds > 0 && args.lookahead_seconds <= 600)) {
    return "--lookahead must be more than 0 and at most 600 seconds";
  }
  if (args.budget.value < (4u << 20)) return "--budget must be at least 4 MiB";
  if (!(args.resolution >= 0 && std::isfinite(args.resolution))) {
    return "--resolution must be a number of metres";
  }
  return "";
}

std::string wrong_report(const CertifyArgs& args) {
  if (args.report.empty()) return "";
  if (is_same_file(args.report, args.archive)) {
    return "--report " + args.report + " is the archive itself; name another file";
  }
  if (names_device_file(args.device) && is_same_file(args.report, args.device)) {
    return "--report " + args.report + " is the device file itself; name another file";
  }
  const std::string wrong =
      wrong_output({.path = args.report, .kind = OutputKind::report, .force = args.force});
  return wrong.empty() ? "" : "--report " + wrong;
}

certify::Question question_of(const CertifyArgs& args, const ChosenDevice& chosen) {
  certify::Question question;
  question.envelope.speed_max = args.speed;
  question.resolution = args.resolution;
  question.ignore_holes = args.ignore_holes;
  certify::Supply& supply = question.supply;
  supply.model = *chosen.model;
  supply.frame_seconds = 1 / args.frames_per_second;
  supply.decode_bytes_per_second = {kStoreDecodeBytesPerSecond, kLz4DecodeBytesPerSecond,
                                    kZstdDecodeBytesPerSecond};
  StreamerOptions& options = supply.options;
  options.memory_budget = args.budget;
  options.staging = std::min(options.staging, Bytes{args.budget.value / 4});
  options.decode_workers = args.workers;
  options.lookahead = Duration::from_seconds(args.lookahead_seconds);
  options.wanted_per_observer_max = args.wanted_max;
  if (chosen.file && chosen.file->reads_in_flight_max.value > 0) {
    const ReadWindow window = read_window_for(chosen.file->reads_in_flight_max);
    options.reads_in_flight_max = window.reads_in_flight_max;
    options.read_size_max = window.read_size_max;
  }
  return question;
}

bool has_any(const World& world, ContainerFlags bit) {
  const std::span<const Mount> mounts = world.mounts();
  return std::any_of(mounts.begin(), mounts.end(), [bit](const Mount& mount) {
    const auto flags = mount.tables->containers.flags.span();
    return std::any_of(flags.begin(), flags.end(),
                       [bit](ContainerFlags set) { return has(set, bit); });
  });
}

// What the certificate leaves out of this world.
std::vector<std::string> notes_of(const Archive& archive, const World& world,
                                  const CertifyArgs& args, const certify::Certificate& made) {
  std::vector<std::string> notes;
  if (args.ignore_holes) notes.push_back("it is taken for granted that holes in memory do no harm");
  if (made.coarse)
    notes.push_back("there were too many places to look at each as closely as asked");
  if (made.asked == 0) notes.push_back("no container of it has a place");
  if (has_any(world, ContainerFlags::moves)) {
    notes.push_back("frames that move are taken where the archive puts them");
  }
  if (has_any(world, ContainerFlags::template_root)) {
    notes.push_back("templates have no place until the engine spawns them, and are left out");
  }
  for (const Mount& mount : world.mounts()) {
    if (mount.tables->gates.count() > 0) {
      notes.push_back("a jump through a gate is no motion within the envelope");
    }
  }
  if (std::string stray = stray_gates_note(archive); !stray.empty()) {
    notes.push_back(std::move(stray));
  }
  return notes;
}

// Where one flight cannot be made at all, neither can the others.
Result<FlownAgainst> fly_all(const CertifyArgs& args, const Archive& archive, const World& world,
                             const certify::Question& question, const certify::Certificate& made,
                             Progress& progress) {
  FlownAgainst flown;
  flown.late.resize(world.container_count());
  flown.is_broken.resize(world.container_count());
  const certify::Arena arena{.world = world,
                             .source = archive.source(),
                             .supply = question.supply,
                             .envelope = question.envelope,
                             .content = {},
                             .keeps_going = [] { return !interrupted(); }};
  const auto attacks = certify::plan_attacks(world, made, question, args.flights, args.seed);
  for (const certify::Attack& attack : attacks) {
    progress.update(flown.flights, attacks.size());
    const Result<certify::AttackResult> result = certify::fly_against(arena, attack);
    if (!result) return result.error();
    if (result->stopped) break;
    ++flown.flights;
    flown.unsettled += result->settled ? 0 : 1;
    for (const certify::LateContainer& late : result->late) {
      if (question.about.first.valid() && !question.about.contains(late.id)) continue;
      const certify::Bound& bound = made.bounds[late.id.value];
      const bool unbounded = bound.cause > certify::Cause::deadline;
      const bool broken = !unbounded && late.seconds > bound.seconds && result->settled;
      if (broken && !flown.is_broken[late.id.value]) {
        flown.is_broken[late.id.value] = true;
        ++flown.broken;
      }
      double& worst = flown.late[late.id.value];
      worst = std::max(worst, late.seconds);
      flown.lateness_max = std::max(flown.lateness_max, worst);
    }
  }
  progress.clear();
  return flown;
}

ExitCode tell(const CertifyArgs& args, const CertifyReport& report, Console& console) {
  for (const std::string& note : report.notes) console.remark("certify: note: " + note);
  if (!args.report.empty()) {
    const Result<void> written = write_text_file(args.report, certify_page(report));
    if (!written) {
      return console.fail(written.error(),
                          "report " + args.report + ": " + cause_of(written.error()));
    }
  }
  if (console.is_json()) {
    console.print_json(certify_json(report));
  } else {
    print_certificate(console, report);
    if (!args.report.empty()) console.print("  report    " + args.report + "\n");
  }
  if (is_certified(report)) return ExitCode::done;
  return console.fail(ExitCode::answer_is_no, "certify: " + certify_failure(report));
}

ExitCode certify_and_tell(const CertifyArgs& args, const Archive& archive, const World& world,
                          certify::Question question, Console& console) {
  catch_interrupts();
  Progress progress(
      {.what = "certifying", .shown = console.shows_progress(), .unit = ProgressUnit::steps});
  question.progress = [&](double share) {
    progress.update(static_cast<std::uint64_t>(share * kProgressSteps), kProgressSteps);
    return !interrupted();
  };
  const certify::Certificate made = certify::certify(world, question);
  progress.clear();
  if (made.stopped) return console.fail(ExitCode::interrupted, "certify: interrupted");
  Progress flying(
      {.what = "flying", .shown = console.shows_progress(), .unit = ProgressUnit::milliseconds});
  const Result<FlownAgainst> flown = fly_all(args, archive, world, question, made, flying);
  if (!flown) {
    return console.fail(flown.error(), "certify " + args.archive + ": " + cause_of(flown.error()));
  }
  if (interrupted()) return console.fail(ExitCode::interrupted, "certify: interrupted");
  return tell(args,
              {.archive = archive,
               .world = world,
               .question = question,
               .certificate = made,
               .flown = *flown,
               .device = args.device,
               .budget = args.budget,
               .notes = notes_of(archive, world, args, made),
               .has_templates = has_any(world, ContainerFlags::template_root),
               .has_moving_frames = has_any(world, ContainerFlags::moves)},
              console);
}

}  // namespace

ExitCode run_certify(const CertifyArgs& args, Console& console) {
  if (args.device == "list") {
    return list_devices({.name = {}, .verb = "certify", .real = false}, console);
  }
  for (const std::string& wrong : {wrong_numbers(args), wrong_report(args)}) {
    if (!wrong.empty()) return console.fail(ExitCode::wrong_use, "certify: " + wrong);
  }
  const ChosenDevice chosen =
      choose_device({.name = args.device, .verb = "certify", .real = false}, console);
  if (chosen.code != ExitCode::done) return chosen.code;
  const OpenedArchive opened = open_archive(console, args.archive);
  if (!opened.archive) return opened.code;
  World world;
  if (const auto mounted = world.mount(opened.archive->world(), FileId{0}); !mounted) {
    return console.fail(mounted.error(),
                        "archive " + args.archive + ": " + cause_of(mounted.error()));
  }
  certify::Question question = question_of(args, chosen);
  if (!args.under.empty()) {
    const std::optional<ArchivePlace> place = find_place(*opened.archive, args.under);
    if (!place || place->asset != kNoAsset) {
      return console.fail(ExitCode::wrong_use,
                          "certify: --under " + args.under + ": the archive has no such container");
    }
    const std::uint32_t id = place->container.value;
    question.about = {place->container,
                      ContainerId{opened.archive->world().containers.subtree_end[id]}};
  }
  return certify_and_tell(args, *opened.archive, world, std::move(question), console);
}

}  // namespace nf
