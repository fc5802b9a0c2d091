// The words of the public API: ids, units, places, time.
//
// Every type is a plain value, free to copy on any thread. An id compares and does nothing else;
// a unit adds only to its own kind; a place in the world is double, a place inside a container is
// float, and no conversion between any two of them is implicit.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace nf {

template <class Tag, class Rep = std::uint32_t>
struct Id {
  static constexpr Rep none_value = static_cast<Rep>(~Rep{0});
  Rep value = none_value;

  static constexpr Id none() { return {}; }
  constexpr bool valid() const { return value != none_value; }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

// Containers are numbered depth first, so a subtree is a range of ids. The number changes when a
// world is packed again: whatever outlives a session keys on PathHash.
using ContainerId = Id<struct ContainerTag>;
using ChunkId = Id<struct ChunkTag>;
// An asset is named by the 64-bit hash of its name (asset_id); it is unique inside its container.
using AssetId = Id<struct AssetTag, std::uint64_t>;
using ObserverId = Id<struct ObserverTag, std::uint64_t>;  // slot in the low half, generation above
using FileId = Id<struct FileTag>;

struct ContainerRange {  // [first, last)
  ContainerId first;
  ContainerId last;

  constexpr bool contains(ContainerId id) const { return first <= id && id < last; }
  constexpr std::uint32_t count() const { return last.value - first.value; }
};

// The stable name of a container: 128-bit XXH3 of its path from the root, "planet/zone/room".
struct PathHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend constexpr auto operator<=>(const PathHash&, const PathHash&) = default;
};

// Both are the same in every session and on every machine: `nearfield pack` hashed the same names.
AssetId asset_id(std::string_view name);    // "walls.mesh", as `nearfield list` shows it
PathHash path_hash(std::string_view path);  // "planet/zone/room"; empty for a root

struct Bytes {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return {a.value + b.value}; }
  friend constexpr Bytes operator-(Bytes a, Bytes b) { return {a.value - b.value}; }
  constexpr Bytes& operator+=(Bytes other) {
    value += other.value;
    return *this;
  }
  constexpr Bytes& operator-=(Bytes other) {
    value -= other.value;
    return *this;
  }
};

struct FileOffset {  // bytes from the start of a file
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(const FileOffset&, const FileOffset&) = default;
  friend constexpr FileOffset operator+(FileOffset at, Bytes size) {
    return {at.value + size.value};
  }
  friend constexpr Bytes operator-(FileOffset a, FileOffset b) { return {a.value - b.value}; }
};

struct Duration {  // nanoseconds
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  constexpr double seconds() const { return static_cast<double>(ns) * 1e-9; }
  static constexpr Duration from_seconds(double s) { return {static_cast<std::int64_t>(s * 1e9)}; }
};

struct Time {  // nanoseconds on the caller's clock; only differences mean anything
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(const Time&, const Time&) = default;
  friend constexpr Time operator+(Time t, Duration d) { return {t.ns + d.ns}; }
  friend constexpr Time operator-(Time t, Duration d) { return {t.ns - d.ns}; }
  friend constexpr Duration operator-(Time a, Time b) { return {a.ns - b.ns}; }
  static constexpr Time never() { return {INT64_MAX}; }
};

struct WorldVector {  // metres, or metres a second, in the world's root frame or a container's
  double x = 0, y = 0, z = 0;
};

struct WorldPosition {  // metres in the world's root frame or a container's
  double x = 0, y = 0, z = 0;

  friend constexpr WorldVector operator-(WorldPosition a, WorldPosition b) {
    return {a.x - b.x, a.y - b.y, a.z - b.z};
  }
  friend constexpr WorldPosition operator+(WorldPosition a, WorldVector v) {
    return {a.x + v.x, a.y + v.y, a.z + v.z};
  }
};

struct LocalVector {  // metres in a container's own frame
  float x = 0, y = 0, z = 0;
};

struct Rotation {  // unit quaternion
  float x = 0, y = 0, z = 0, w = 1;
};

// The same in double: a float turns what is far from the origin by metres.
struct WorldRotation {
  double x = 0, y = 0, z = 0, w = 1;
};

inline namespace literals {
constexpr Bytes operator""_B(unsigned long long n) {
  return {n};
}
constexpr Bytes operator""_KiB(unsigned long long n) {
  return {n << 10};
}
constexpr Bytes operator""_MiB(unsigned long long n) {
  return {n << 20};
}
constexpr Bytes operator""_GiB(unsigned long long n) {
  return {n << 30};
}
constexpr Duration operator""_ns(unsigned long long n) {
  return {static_cast<std::int64_t>(n)};
}
constexpr Duration operator""_us(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 1'000};
}
constexpr Duration operator""_ms(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 1'000'000};
}
constexpr Duration operator""_s(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 1'000'000'000};
}
}  // namespace literals

}  // namespace nf
