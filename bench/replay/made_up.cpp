#include "bench/replay/made_up.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/prng.h"
#include "core/world/vector_math.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

class LogWriter {
 public:
  explicit LogWriter(std::uint64_t seed) : prng_(seed) {}

  Prng& prng() { return prng_; }
  double take(const LeadTime& time) { return draw(time, prng_.unit()); }
  void wait(double seconds) { now_ += seconds; }
  void say(const char* event, const std::string& body = {}, const std::string& station = {}) {
    text_ += text_of("%.1f,%s,%s,%s,%s,%s,,\n", now_, event, system_.c_str(), body.c_str(),
                     station.c_str(), on_foot_ ? "foot" : "ship");
  }
  void enter(const std::string& system) { system_ = system; }
  void set_on_foot(bool on_foot) { on_foot_ = on_foot; }
  std::string text() && { return std::move(text_); }

 private:
  Prng prng_;
  std::string text_ = "t_seconds,event,system,body,station,mode,lat,lon\n";
  std::string system_;
  double now_ = 0;
  bool on_foot_ = false;
};

void jump(LogWriter& log, std::uint32_t to) {
  log.say("StartJump");
  log.wait(log.take(kStartToJump));
  log.enter("System " + std::to_string(to));
  log.say("FSDJump");
}

void land_and_walk(LogWriter& log, const std::string& planet) {
  log.wait(150);
  log.say("ApproachBody", planet);
  const double chance = log.prng().unit();
  const double exit = draw(kApproachToExit, chance);
  log.wait(exit);
  log.say("SupercruiseExit", planet);
  log.wait(std::max(draw(kApproachToLanded, chance) - exit, 20.0));
  log.say("Touchdown", planet);
  log.wait(log.take(kLandedToFoot));
  log.set_on_foot(true);
  log.say("Disembark", planet);
  log.wait(log.prng().between(16, 240));
  log.set_on_foot(false);
  log.say("Embark", planet);
  log.wait(10);
  log.say("Liftoff", planet);
  log.wait(30);
  log.say("SupercruiseEntry", planet);
  log.wait(60);
  log.say("LeaveBody");
  log.wait(30);
}

void dock(LogWriter& log, const std::string& station) {
  log.wait(90);
  log.say("SupercruiseExit", station);
  log.wait(log.take(kExitToDocked));
  log.say("Docked", station, station);
  log.wait(120);
  log.say("Undocked", station);
  log.wait(40);
  log.say("SupercruiseEntry", station);
  log.wait(30);
}

}  // namespace

double draw(const LeadTime& time, double chance) {
  const double low = std::log(time.p5), middle = std::log(time.p50), high = std::log(time.p95);
  const double at = std::clamp(chance, 0.0, 1.0);
  const double value = at < 0.5 ? low + (middle - low) * std::max(at - 0.05, 0.0) / 0.45
                                : middle + (high - middle) * std::min(at - 0.5, 0.45) / 0.45;
  return std::exp(value);
}

std::string make_up_log(std::uint64_t seed, std::uint32_t jumps) {
  LogWriter log(seed);
  log.enter("System 0");
  log.say("Location", "Port 0", "Port 0");
  log.say("Docked", "Port 0", "Port 0");
  log.wait(60);
  log.say("Undocked", "Port 0");
  log.wait(60);
  for (std::uint32_t i = 1; i <= jumps; ++i) {
    jump(log, i);
    log.wait(log.prng().between(10, 60));
    if (i % 2 == 0) land_and_walk(log, "Planet " + std::to_string(i));
    if (i % 3 == 0) dock(log, "Port " + std::to_string(i));
  }
  return std::move(log).text();
}

std::string make_up_match(std::uint64_t seed, const MadeUpMatch& match) {
  struct Object {
    double x = 0, y = 0, heading = 0;
  };
  Prng prng(seed);
  std::vector<Object> objects(match.objects);
  for (Object& one : objects) {
    one = {prng.between(0, match.across), prng.between(0, match.across), prng.between(0, 6.28)};
  }
  constexpr double kStep = 0.5;
  std::string text = "t_seconds,id,x,y,z\n";
  for (double now = 0; now < match.seconds; now += kStep) {
    for (std::size_t i = 0; i < objects.size(); ++i) {
      Object& one = objects[i];
      // Some join later.
      if (i % 8 == 7 && now < match.seconds / 3) continue;
      text += text_of("%.2f,%zu,%.2f,%.2f,%.2f\n", now, i, one.x, one.y, 2.0);
      one.heading += prng.between(-0.2, 0.2);
      one.x += match.speed * kStep * std::cos(one.heading);
      one.y += match.speed * kStep * std::sin(one.heading);
    }
  }
  return text;
}

}  // namespace nf::bench
