// Routes: flights made for a world, at a constant speed.
//
//   tour   from a crowded place to the nearest leaf container not yet passed, and so on, then again
//   line   from one end of the world to the other
//   orbit  once around the middle, and again
//
// Where the containers lie on a sphere (scenery of a planet), a route follows its surface instead
// of cutting through it. Corners are rounded as a vehicle would round them. Pure; any thread.
#pragma once

#include <optional>

#include "core/world/world.h"
#include "tools/nearfield/flight.h"

namespace nf {

enum class RouteKind { tour, line, orbit };

struct RouteOptions {
  RouteKind kind = RouteKind::tour;
  double speed = 250;  // metres a second
  double seconds = 60;
};

const char* route_name(RouteKind kind);
std::optional<RouteKind> find_route(const std::string& name);

// `world` has one mount. None if no container has a place.
std::optional<Flight> make_route(const World& world, const RouteOptions& options);

}  // namespace nf
