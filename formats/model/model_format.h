// The model as it lies on disk: model.md in C++, same names, offsets in the margin.
//
// Wire structs of alignment 1, seen by the reader and the writer and by nobody else. No behaviour,
// no memory, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "formats/wire/little_endian.h"

namespace nf::wire {

inline constexpr std::array<std::byte, 8> kModelMagic = {
    std::byte{0x93}, std::byte{0x4E}, std::byte{0x46}, std::byte{0x4D},
    std::byte{0x0D}, std::byte{0x0A}, std::byte{0x1A}, std::byte{0x0A}};
inline constexpr std::uint32_t kModelVersion = 1;
inline constexpr std::uint32_t kModelHorizons = 10, kModelInputs = 10, kModelWay = 12;

struct ModelHeader {               // offset
  std::array<std::byte, 8> magic;  //   0
  u32le version;                   //   8
  u32le header_size;               //  12  128
  u64le features_required;         //  16  none are defined
  u64le features_optional;         //  24  none are defined
  u64le file_size;                 //  32
  u32le horizon_count;             //  40  10
  u32le input_count;               //  44  10
  u32le way_count;                 //  48  12
  u32le moment_count;              //  52
  u64le seed;                      //  56
  u64le group_count;               //  64
  u64le segment_count;             //  72
  u64le candidate_count;           //  80
  u64le outcome_count;             //  88
  f64le seconds;                   //  96
  u64le reserved;                  // 104  must be zero
  u64le body_checksum;             // 112  XXH3-64 of all bytes from 128 on
  u64le checksum;                  // 120  XXH3-64 of bytes 0 to 119
};
static_assert(sizeof(ModelHeader) == 128 && alignof(ModelHeader) == 1);
static_assert(offsetof(ModelHeader, moment_count) == 52);
static_assert(offsetof(ModelHeader, seconds) == 96);
static_assert(offsetof(ModelHeader, checksum) == 120);

using ModelWeights = std::array<std::array<f32le, kModelInputs>, kModelHorizons>;
static_assert(sizeof(ModelWeights) == 400 && alignof(ModelWeights) == 1);

struct ModelMoment {                               // offset
  std::array<f32le, kModelWay> way;                //  0
  std::array<f32le, 3ull * kModelHorizons> after;  // 48
};
static_assert(sizeof(ModelMoment) == 168 && alignof(ModelMoment) == 1);
static_assert(offsetof(ModelMoment, after) == 48);

}  // namespace nf::wire
