// Policy: who says what should be read before it is needed, and what should be kept. The seam of
// the evaluation, and the same as the lines of `nearfield predict --stdio`.
//
// One thread calls one policy. Times are seconds, places and radii the world's units, sizes bytes.
// What is required and absent is read first by the harness itself, whatever a policy says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/types.h>

#include "core/world/world_box.h"

namespace nf {
struct LearntNeeds;
}

namespace nf::predict {

struct Scenario;

struct TraceInfo {
  std::string map;              // what was learnt for this one may stay
  double dt = 0.1;              // seconds between updates
  double bytes_per_second = 0;  // of the disk
  double pipeline_seconds = 0;  // from the last byte read to usable
  double memory = 0;            // bytes
  double vstar = 0;             // the mover's fast speed
  bool flat = false;            // boxes are columns: height means nothing
  std::uint32_t levels = 0;
};

// Containers are numbered from 0 in the order in which they are announced.
struct ContainerInfo {
  std::uint32_t level = 0;
  WorldBox box;
  double bytes = 0;
};

enum class Stage : std::uint8_t { absent = 0, partly = 1, pipeline = 2, usable = 3 };

struct Scored {
  std::uint32_t id = 0;
  float score = 0;
};

// What is in neither list is not read, and leaves first.
struct Answer {
  std::vector<Scored> want;  // in (0, 1]: higher is read first, and kept like that
  std::vector<Scored> keep;  // of what is there; the lowest leaves first

  void clear() {
    want.clear();
    keep.clear();
  }
};

class Policy {
 public:
  virtual ~Policy() = default;

  // A new trace: positions, containers and what is there are forgotten.
  virtual void begin(const TraceInfo& trace) = 0;
  virtual void level(std::uint32_t level, double reach) = 0;
  virtual void container(std::uint32_t id, const ContainerInfo& info) = 0;
  virtual void state(std::uint32_t id, Stage stage) = 0;
  // `answer` comes empty.
  virtual void update(double seconds, WorldPosition position, Answer& answer) = 0;

  // What is to come, after `begin`: for the oracle alone. Borrowed until the next `begin`.
  virtual void foresee(const Scenario&) {}
};

struct PolicyKind {
  const char* name = "";
  const char* about = "";
  std::vector<double> knobs;  // the sweep; what they mean is in `about`
  double knob = 0;            // what to take if nobody says
  bool foresees = false;      // cannot be driven from outside
};

const std::vector<PolicyKind>& policy_kinds();
const PolicyKind* find_policy_kind(std::string_view name);
// Null if there is no such kind. What was learnt is borrowed; it is for those that foretell, and
// may be null.
std::unique_ptr<Policy> make_policy(std::string_view name, double knob,
                                    const LearntNeeds* learnt = nullptr);

}  // namespace nf::predict
