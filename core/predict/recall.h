// Recall: what observers did before, to be looked up by how they moved and by where they were.
//
// A log of positions at even times in runs without jumps, of one or several observers of one map,
// and for each position the way that led to it, seen along the mover's own axes. The neighbours of
// a way in that log are states of the past; what came after them, turned to the present axes, are
// futures. A ring: the oldest states give way. Owner: one thread. Allocates when it is made only.
//
// The idea is that of analogue forecasting (Lorenz, "Atmospheric predictability as revealed by
// naturally occurring analogues", 1969): look for the past that resembles the present.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/predict/futures.h"
#include "core/predict/learnt_ways.h"
#include "core/predict/track.h"
#include "core/predict/way.h"

namespace nf {

struct RecallOptions {
  std::uint32_t states_max = 8192;  // rounded up to whole blocks
  double spacing = 0.2;             // seconds between states
};

class Recall {
 public:
  static constexpr std::uint32_t kBlock = 4;  // states that follow each other are one neighbour

  explicit Recall(const RecallOptions& options);

  // Adds the state that `track` is in, if a spacing has passed since the last one.
  void add(const Track& track);
  // What comes next does not follow from what was: a jump, another observer.
  void end_run();
  // Places mean nothing any more: another map. How it moved stays.
  void forget_places();

  std::uint32_t size() const { return size_; }

  // Adds up to `count` futures of the expert; none if nothing is like it. They are offsets from
  // where the track is now, with weights that add to 1. `learnt` is searched as well, if there is
  // one.
  void add_recalled(Futures& futures, const Track& track, std::uint32_t count,
                    const LearntWays* learnt = nullptr) const;
  void add_revisited(Futures& futures, const Track& track, std::uint32_t count) const;

 private:
  struct Neighbour {
    std::uint32_t state = 0;
    float distance = 0;
    const LearntWays* of = nullptr;  // where it is a moment; null: a state of this log
  };
  static constexpr std::uint32_t kNeighboursMax = 16;
  struct Neighbours {
    std::array<Neighbour, kNeighboursMax> list{};
    std::uint32_t count = 0;
    void add(Neighbour neighbour, std::uint32_t limit);
  };
  using Scan = std::array<float, kBlock>;

  std::uint32_t states_after(std::uint32_t state) const;
  WorldVector came_after(std::uint32_t state, std::uint32_t known, double seconds) const;
  template <class Distances>
  void find_nearest(std::uint32_t count, const Distances& distances_of_block,
                    Neighbours& found) const;
  void find_ways(const Way& way, std::uint32_t count, Neighbours& found) const;
  void find_learnt(const LearntWays& learnt, Way way, double fast, std::uint32_t count,
                   Neighbours& found) const;
  WorldVector future_of(const Neighbour& neighbour, std::uint32_t known, const Track& track,
                        double seconds) const;
  void add_futures(Futures& futures, const Neighbours& found, Expert expert,
                   const Track& track) const;

  RecallOptions options_;
  WorldPosition anchor_;
  std::uint32_t capacity_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t next_ = 0;
  bool in_run_ = false;
  double time_ = 0;                                   // of the last state
  Axes axes_;                                         // of the mover now
  std::array<std::vector<float>, kWayFeatures> way_;  // by state
  std::array<std::vector<float>, 3> place_, moving_;  // metres from the anchor; metres a second
  std::vector<Axes> state_axes_;
  std::vector<std::uint32_t> run_;  // number of the state's run; 0: no state
  std::uint32_t run_number_ = 0;
  std::uint32_t first_run_here_ = 0;  // runs before it were on other maps
};

}  // namespace nf
