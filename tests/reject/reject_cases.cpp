#include "tests/reject/reject_cases.h"

#include <limits>

#include "core/world/world_tables.h"
#include "formats/archive/archive_header.h"
#include "tests/reject/case_list.h"
#include "tests/reject/reject_motion.h"

namespace nf::sample {
namespace {

void add_file_cases(CaseList& list) {
  const auto resize_by = [](std::ptrdiff_t change) {
    return [=](ByteVector& bytes) {
      bytes.resize(static_cast<std::size_t>(static_cast<std::ptrdiff_t>(bytes.size()) + change));
    };
  };
  list.small_unrepaired("file_too_short.file_empty", [](ByteVector& bytes) { bytes.clear(); });
  list.small_unrepaired("file_too_short.file_ends_in_header",
                        [](ByteVector& bytes) { bytes.resize(4095); });
  list.small_unrepaired("file_size_mismatch.file_ends_behind_header",
                        [](ByteVector& bytes) { bytes.resize(4096); });
  list.small_unrepaired("file_size_mismatch.file_cut", resize_by(-1));
  list.small_unrepaired("file_size_mismatch.file_grown", resize_by(1));
  list.small("file_size_mismatch.layout_ends_before_file", [&](ByteVector& bytes) {
    bytes.resize(bytes.size() + 4096);
    put<u64le>(bytes, offsetof(Header, file_size), bytes.size());
  });
}

void add_header_cases(CaseList& list) {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 63;
  list.small("not_an_archive.header_magic", header<std::uint8_t>(0, 0x92));
  list.small("version_unsupported.header_version_newer",
             header<u32le>(offsetof(Header, version), 2u));
  list.small("version_unsupported.header_version_zero",
             header<u32le>(offsetof(Header, version), 0u));
  list.small_unrepaired("header_checksum_mismatch.header_checksum",
                        header<std::uint8_t>(offsetof(Header, checksum), 0x55));
  list.small_unrepaired("header_checksum_mismatch.header_reserved_flipped",
                        header<std::uint8_t>(2000, 0x01));
  list.small("field_out_of_range.header_size", header<u32le>(offsetof(Header, header_size), 4095u));
  list.small("feature_unsupported.header_features_required",
             header<u64le>(offsetof(Header, features_required), kHuge));
  list.small("file_size_mismatch.header_file_size",
             header<u64le>(offsetof(Header, file_size), 4096u));
  list.small("field_out_of_range.header_runs_at", header<u64le>(offsetof(Header, runs_at), 8192u));
  list.small("field_out_of_range.header_runs_size_unaligned",
             header<u64le>(offsetof(Header, runs_size), 4097u));
  list.small("field_out_of_range.header_runs_size_huge",
             header<u64le>(offsetof(Header, runs_size), kHuge));
  list.small("tables_overlap.header_runs_size", header<u64le>(offsetof(Header, runs_size), 8192u));
  list.small("field_out_of_range.header_stored_size",
             header<u64le>(offsetof(Header, stored_size), 1u));
  list.small("field_out_of_range.header_raw_size", header<u64le>(offsetof(Header, raw_size), 1u));
  list.small("field_out_of_range.header_container_count_zero",
             header<u32le>(offsetof(Header, container_count), 0u));
  list.small("field_out_of_range.header_container_count_max",
             header<u32le>(offsetof(Header, container_count), kContainersMax + 1));
  list.small("field_out_of_range.header_asset_count_max",
             header<u32le>(offsetof(Header, asset_count), kAssetsMax + 1));
  list.small("field_out_of_range.header_chunk_count_max",
             header<u32le>(offsetof(Header, chunk_count), kChunksMax + 1));
  list.small("field_out_of_range.header_dependency_count_max",
             header<u32le>(offsetof(Header, dependency_count), kDependenciesMax + 1));
  list.small("reserved_not_zero.header_reserved_first",
             header<std::uint8_t>(entry_field(wire::kGatesTable, 0), 0x01));
  list.motion("reserved_not_zero.header_reserved_behind_gates",
              header<std::uint8_t>(offsetof(Header, reserved), 0x01));
  list.small("reserved_not_zero.header_reserved_last", header<std::uint8_t>(4087, 0x80));
}

// A whole archive of nothing: every table is in its place, and there is no root.
void add_empty_world(CaseList& list) {
  list.small("field_out_of_range.header_no_containers_at_all", [](ByteVector& bytes) {
    ArchiveHeader header;
    lay_out(header, 1);
    const HeaderBytes encoded = encode_header(header);
    bytes.assign(header.file_size, std::byte{0});
    std::copy(encoded.begin(), encoded.end(), bytes.begin());
  });
}

void add_table_cases(CaseList& list) {
  const char* const names[] = {"containers", "assets", "chunks", "dependencies", "names", "gates"};
  for (std::size_t t = 0; t < wire::kTableCount; ++t) {
    const std::string name = names[t];
    const bool gates = t == wire::kGatesTable;
    const auto add = [&](const std::string& what, const Edit& edit) {
      gates ? list.motion(what, edit) : list.small(what, edit);
    };
    add("tables_overlap." + name + "_at",
        header<u64le>(entry_field(t, offsetof(TableEntry, at)), 4096u));
    add("field_out_of_range." + name + "_record_size",
        header<u32le>(entry_field(t, offsetof(TableEntry, record_size)), 2u));
    add("reserved_not_zero." + name + "_entry",
        header<u32le>(entry_field(t, offsetof(TableEntry, reserved)), 1u));
    const Edit flip = [=](ByteVector& bytes) {
      const std::uint64_t at = table_entry(bytes, t).at;
      put<std::uint8_t>(bytes, at, get<std::uint8_t>(bytes, at) ^ 0x04);
    };
    const std::string mismatch = "table_checksum_mismatch." + name;
    gates ? list.motion_unrepaired(mismatch, flip) : list.golden_unrepaired(mismatch, flip);
    if (t == wire::kNamesTable) continue;
    add("field_out_of_range." + name + "_size",
        header<u64le>(entry_field(t, offsetof(TableEntry, size)), 1u));
  }
  list.small("field_out_of_range.names_size_max",
             header<u64le>(entry_field(wire::kNamesTable, offsetof(TableEntry, size)),
                           std::uint64_t{1} << 32));
}

// A root with `count` children.
World flat_world(std::uint32_t count) {
  World world;
  world.containers.push_back({.name = ""});
  for (std::uint32_t i = 1; i <= count; ++i) {
    world.containers.push_back({.name = "c" + std::to_string(i)});
  }
  return world;
}

// Puts container i under container i - 1, from the first on.
Edit make_chain(std::uint32_t count) {
  return [=](ByteVector& bytes) {
    for (std::uint32_t i = 1; i <= count; ++i) {
      put<u32le>(bytes, container_field(bytes, i, offsetof(ContainerRecord, parent)), i - 1);
      put<u32le>(bytes, container_field(bytes, i, offsetof(ContainerRecord, subtree_end)),
                 count + 1);
    }
  };
}

void add_tree_cases(CaseList& list) {
  constexpr std::size_t kParent = offsetof(ContainerRecord, parent);
  constexpr std::size_t kEnd = offsetof(ContainerRecord, subtree_end);
  list.golden("tree_malformed.container_parent", container<u32le>(kRoom, kParent, kEarth));
  list.golden("tree_malformed.container_parent_itself", container<u32le>(kRoom, kParent, kRoom));
  list.golden("tree_malformed.root_parent", container<u32le>(kRoot, kParent, 0u));
  list.golden("tree_malformed.second_root", container<u32le>(kLobby, kParent, 0xFFFFFFFFu));
  list.golden("tree_malformed.subtree_end_outside_parent", container<u32le>(kRoom, kEnd, 7u));
  list.golden("tree_malformed.subtree_end_outside_world", container<u32le>(kLobby, kEnd, 8u));
  list.golden("tree_malformed.subtree_end_not_after_itself", container<u32le>(kLobby, kEnd, 6u));
  list.golden("tree_malformed.root_subtree_end", container<u32le>(kRoot, kEnd, 6u));
  list.from("tree_malformed.depth", flat_world(kTreeDepthMax + 1), make_chain(kTreeDepthMax + 1));
  list.golden("name_duplicate.container", [](ByteVector& bytes) {
    put<u32le>(
        bytes, container_field(bytes, kSounds, offsetof(ContainerRecord, name_at)),
        get<u32le>(bytes, container_field(bytes, kMaterials, offsetof(ContainerRecord, name_at))));
    put_path_hash(bytes, kSounds, "materials");
  });
}

// A chain of containers that all bear one name of 255 bytes, with the hashes of their paths.
Edit make_long_path(std::uint32_t count, std::uint32_t long_name_holder) {
  return [=](ByteVector& bytes) {
    make_chain(count)(bytes);
    const std::uint64_t names = table_entry(bytes, wire::kNamesTable).at;
    const std::uint32_t name_at =
        get<u32le>(bytes, asset_field(bytes, long_name_holder, offsetof(AssetRecord, name_at)));
    std::string name(255, '\0');
    for (std::size_t i = 0; i < name.size(); ++i) {
      name[i] = static_cast<char>(get<std::uint8_t>(bytes, names + name_at + 1 + i));
    }
    std::string path;
    for (std::uint32_t i = 1; i <= count; ++i) {
      put<u32le>(bytes, container_field(bytes, i, offsetof(ContainerRecord, name_at)), name_at);
      path += path.empty() ? name : "/" + name;
      put_path_hash(bytes, i, path);
    }
  };
}

void add_container_name_cases(CaseList& list) {
  constexpr std::size_t kNameAt = offsetof(ContainerRecord, name_at);
  list.golden("name_invalid.container_path_hash",
              container<u64le>(kRoom, offsetof(ContainerRecord, path_hash_low), 7u));
  list.golden("name_invalid.container_path_hash_high",
              container<u64le>(kRoom, offsetof(ContainerRecord, path_hash_high), 7u));
  list.golden("name_invalid.container_name_outside", [](ByteVector& bytes) {
    const auto size = static_cast<std::uint32_t>(table_entry(bytes, wire::kNamesTable).size);
    put<u32le>(bytes, container_field(bytes, kRoom, kNameAt), size);
  });
  list.golden("name_invalid.container_name_at_huge", container<u32le>(kRoom, kNameAt, 0xFFFFFFFFu));
  list.golden("name_invalid.container_name_runs_out", [](ByteVector& bytes) {
    const auto size = static_cast<std::uint32_t>(table_entry(bytes, wire::kNamesTable).size);
    put<u32le>(bytes, container_field(bytes, kRoom, kNameAt), size - 1);
  });
  list.golden("name_invalid.container_name_empty", container<u32le>(kRoom, kNameAt, 0u));
  list.golden("name_invalid.root_name_not_empty", [](ByteVector& bytes) {
    put<u32le>(bytes, container_field(bytes, kRoot, kNameAt),
               get<u32le>(bytes, container_field(bytes, kRoom, kNameAt)));
  });
  list.golden("name_invalid.container_name_slash", room_name("ro/m"));
  list.golden("name_invalid.container_name_backslash", room_name("ro\\m"));
  list.golden("name_invalid.container_name_dot", room_name("."));
  list.golden("name_invalid.container_name_dotdot", room_name(".."));
  list.golden("name_invalid.container_name_nul", room_name(std::string("ro\0m", 4)));
  list.golden("name_invalid.container_name_newline", room_name("ro\nm"));
  list.golden("name_invalid.container_name_delete", room_name("ro\x7Fm"));
  list.golden("name_invalid.container_name_utf8_cut", room_name("roo\xC3"));
  list.golden("name_invalid.container_name_utf8_overlong", room_name("ro\xC0\xAF"));
  list.golden("name_invalid.container_name_utf8_surrogate", room_name("r\xED\xA0\x80"));
  list.golden("name_invalid.container_name_utf8_too_large", room_name("\xF4\x90\x80\x80"));
  World world = flat_world(17);
  world.containers[0].assets = {{.name = std::string(255, 'n')}};
  list.from("name_invalid.path_too_long", world, make_long_path(17, 0));
}

void add_run_cases(CaseList& list) {
  constexpr std::size_t kRunAt = offsetof(ContainerRecord, run_at);
  list.golden("field_out_of_range.container_run_at_unaligned",
              container<u64le>(kMaterials, kRunAt, 4097u));
  list.golden("field_out_of_range.container_run_at_in_header",
              container<u64le>(kMaterials, kRunAt, 0u));
  list.golden("field_out_of_range.container_run_at_wraps",
              container<u64le>(kRoom, kRunAt, ~std::uint64_t{4095}));
  list.golden("runs_overlap.container_run_at", container<u64le>(kZone, kRunAt, 4096u));
  list.golden("field_out_of_range.container_run_in_tables", [](ByteVector& bytes) {
    put<u64le>(bytes, container_field(bytes, kRoom, kRunAt),
               table_entry(bytes, wire::kContainersTable).at);
  });
  list.golden("field_out_of_range.container_run_at_without_chunks",
              container<u64le>(kLobby, kRunAt, 4096u));
  list.golden(
      "field_out_of_range.container_run_size",
      sum_too_large(kZone, offsetof(ContainerRecord, run_size), offsetof(Header, stored_size)));
  list.golden("field_out_of_range.container_run_size_without_chunks",
              container<u64le>(kLobby, offsetof(ContainerRecord, run_size), 1u));
  list.golden(
      "field_out_of_range.container_raw_size",
      sum_too_large(kZone, offsetof(ContainerRecord, raw_size), offsetof(Header, raw_size)));
  list.golden("field_out_of_range.container_raw_size_huge",
              container<u64le>(kZone, offsetof(ContainerRecord, raw_size), ~std::uint64_t{0}));
  list.golden("field_out_of_range.container_asset_count",
              container<u32le>(kLobby, offsetof(ContainerRecord, asset_count), 2u));
  list.golden("field_out_of_range.container_asset_count_fewer",
              container<u32le>(kLobby, offsetof(ContainerRecord, asset_count), 0u));
  list.golden("field_out_of_range.container_chunk_count",
              container<u32le>(kLobby, offsetof(ContainerRecord, chunk_count), 0xFFFFFFFFu));
  list.golden("field_out_of_range.container_dependency_count",
              container<u32le>(kLobby, offsetof(ContainerRecord, dependency_count), 1u));
}

void add_pose_cases(CaseList& list) {
  constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  list.golden("field_out_of_range.container_position_nan",
              container<f64le>(kEarth, offsetof(ContainerRecord, position) + 8, kNotANumber));
  list.golden("field_out_of_range.container_position_far_west",
              container<f64le>(kEarth, offsetof(ContainerRecord, position), -1.1e18));
  list.golden("field_out_of_range.container_position_far",
              container<f64le>(kEarth, offsetof(ContainerRecord, position) + 16, -1.1e18));
  list.golden("field_out_of_range.container_rotation_long",
              container<f32le>(kEarth, offsetof(ContainerRecord, rotation), 0.5f));
  list.golden("field_out_of_range.container_rotation_short",
              container<f32le>(kEarth, offsetof(ContainerRecord, rotation) + 12, 0.0f));
  list.golden("field_out_of_range.container_rotation_nan",
              container<f32le>(kEarth, offsetof(ContainerRecord, rotation) + 4,
                               static_cast<float>(kNotANumber)));
  list.golden("field_out_of_range.container_bounds_center",
              container<f32le>(kZone, offsetof(ContainerRecord, bounds_center) + 8, kInfinite));
  list.golden("field_out_of_range.container_half_extent_infinite",
              container<f32le>(kZone, offsetof(ContainerRecord, bounds_half_extent), kInfinite));
  list.golden("field_out_of_range.container_half_extent_negative",
              container<f32le>(kZone, offsetof(ContainerRecord, bounds_half_extent) + 4, -1.0f));
  list.golden("field_out_of_range.container_sphere_unequal",
              container<f32le>(kRoom, offsetof(ContainerRecord, bounds_half_extent) + 8, 13.0f));
  list.golden("field_out_of_range.container_load_distance_negative",
              container<f32le>(kRoom, offsetof(ContainerRecord, load_distance), -1.0f));
  list.golden("field_out_of_range.container_load_distance_infinite",
              container<f32le>(kRoom, offsetof(ContainerRecord, load_distance), kInfinite));
  list.golden("field_out_of_range.container_bounds_kind",
              container<std::uint8_t>(kRoom, offsetof(ContainerRecord, bounds_kind), 3));
  list.golden("field_out_of_range.container_flags",
              container<std::uint8_t>(kRoom, offsetof(ContainerRecord, flags), 2));
  list.golden("field_out_of_range.container_shared_with_bounds",
              container<std::uint8_t>(kRoom, offsetof(ContainerRecord, flags), 1));
  list.golden("reserved_not_zero.container_reserved_first",
              container<std::uint8_t>(kRoom, offsetof(ContainerRecord, reserved), 1));
  list.golden("reserved_not_zero.container_reserved_last", container<std::uint8_t>(kRoom, 159, 1));
}

void add_asset_cases(CaseList& list) {
  const std::uint32_t first = list.golden_first(kZone, offsetof(ContainerRecord, asset_count));
  list.golden("name_invalid.asset_name_hash",
              asset<u64le>(first, offsetof(AssetRecord, name_hash), 0u));
  list.golden("order_wrong.assets", [first](ByteVector& bytes) {
    const auto a = get<AssetRecord>(bytes, asset_field(bytes, first, 0));
    const auto b = get<AssetRecord>(bytes, asset_field(bytes, first + 1, 0));
    put(bytes, asset_field(bytes, first, 0), b);
    put(bytes, asset_field(bytes, first + 1, 0), a);
  });
  list.golden("name_duplicate.asset", [first](ByteVector& bytes) {
    const auto a = get<AssetRecord>(bytes, asset_field(bytes, first, 0));
    put(bytes, asset_field(bytes, first + 1, 0), a);
  });
  list.golden("field_out_of_range.asset_raw_at",
              asset<u64le>(first, offsetof(AssetRecord, raw_at), 3000u));
  list.golden("field_out_of_range.asset_raw_at_wraps",
              asset<u64le>(first, offsetof(AssetRecord, raw_at), ~std::uint64_t{0}));
  list.golden("field_out_of_range.asset_raw_size",
              asset<u64le>(first, offsetof(AssetRecord, raw_size), ~std::uint64_t{0}));
  list.golden("field_out_of_range.asset_kind",
              asset<u16le>(first, offsetof(AssetRecord, kind), std::uint16_t{16}));
  list.golden("reserved_not_zero.asset",
              asset<u16le>(first, offsetof(AssetRecord, reserved), std::uint16_t{0x0100}));
  list.golden("name_invalid.asset_name_outside",
              asset<u32le>(first, offsetof(AssetRecord, name_at), 0x00FFFFFFu));
  list.golden("name_invalid.asset_name_of_another",
              asset<u32le>(first, offsetof(AssetRecord, name_at), 1u));
  list.small("name_invalid.asset_name_dotdot", [](ByteVector& bytes) {
    const std::uint32_t at =
        get<u32le>(bytes, asset_field(bytes, 0, offsetof(AssetRecord, name_at)));
    const std::uint64_t names = table_entry(bytes, wire::kNamesTable).at;
    put<std::uint8_t>(bytes, names + at, 2);
    put<std::uint8_t>(bytes, names + at + 1, '.');
    put<std::uint8_t>(bytes, names + at + 2, '.');
    put<u64le>(bytes, asset_field(bytes, 0, 0), asset_id("..").value);
  });
  list.small("name_invalid.asset_name_empty", [](ByteVector& bytes) {
    put<u32le>(bytes, asset_field(bytes, 0, offsetof(AssetRecord, name_at)), 0u);
    put<u64le>(bytes, asset_field(bytes, 0, 0), asset_id("").value);
  });
}

void add_chunk_cases(CaseList& list) {
  constexpr std::size_t kStored = offsetof(ChunkRecord, stored_size);
  constexpr std::size_t kRaw = offsetof(ChunkRecord, raw_size);
  // The chunks of the landing zone: stored, LZ4, zstd, and so on in turn.
  const std::uint32_t first = list.golden_first(kZone, offsetof(ContainerRecord, chunk_count));
  list.golden("field_out_of_range.chunk_stored_size_zero", chunk_sizes(kZone, first + 1, 0, 600));
  list.golden("field_out_of_range.chunk_stored_size_over_raw",
              chunk_sizes(kZone, first + 1, 601, 600));
  list.golden("field_out_of_range.chunk_stored_size_of_store", chunk_sizes(kZone, first, 599, 600));
  list.golden("field_out_of_range.chunk_raw_size_zero", chunk<u32le>(first, kRaw, 0u));
  list.golden("field_out_of_range.chunk_raw_size_max",
              chunk_sizes(kZone, first + 1, 300, kChunkRawSizeMax + 1));
  list.golden("field_out_of_range.chunk_codec",
              chunk<u16le>(first + 1, offsetof(ChunkRecord, codec), std::uint16_t{3}));
  list.golden("reserved_not_zero.chunk",
              chunk<std::uint8_t>(first, offsetof(ChunkRecord, reserved) + 5, 1));
  const auto spoil = [](std::uint32_t skip, bool repair) {
    return [=](ByteVector& bytes) {
      std::uint64_t at =
          get<u64le>(bytes, container_field(bytes, kZone, offsetof(ContainerRecord, run_at)));
      const std::uint32_t zone_first =
          first_of(bytes, kZone, offsetof(ContainerRecord, chunk_count));
      for (std::uint32_t i = 0; i < skip; ++i) {
        at += get<u32le>(bytes, chunk_field(bytes, zone_first + i, kStored));
      }
      put<std::uint8_t>(bytes, at, get<std::uint8_t>(bytes, at) ^ 0xFF);
      if (repair) repair_chunk_checksums(bytes);
    };
  };
  list.golden("chunk_checksum_mismatch.chunk_store", spoil(0, false));
  list.golden("chunk_checksum_mismatch.chunk_lz4", spoil(1, false));
  list.golden("chunk_checksum_mismatch.chunk_zstd", spoil(2, false));
  list.golden("chunk_decode_failed.chunk_lz4", spoil(1, true));
  list.golden("chunk_decode_failed.chunk_zstd", spoil(2, true));
  list.golden("chunk_decode_failed.chunk_codec_of_another",
              chunk<u16le>(first + 1, offsetof(ChunkRecord, codec), std::uint16_t{2}));
}

void add_dependency_cases(CaseList& list) {
  // sounds: 1; landing zone: 1, 2; room: 1.
  list.golden("dependency_invalid.outside", dependency(3, 99));
  list.golden("dependency_invalid.not_shared", dependency(3, kEarth));
  list.golden("dependency_invalid.itself", dependency(0, kSounds));
  list.golden("order_wrong.dependencies_equal", dependency(2, kMaterials));
  list.golden("order_wrong.dependencies_descending", [](ByteVector& bytes) {
    dependency(1, kSounds)(bytes);
    dependency(2, kMaterials)(bytes);
  });
  World world = golden_world();
  world.containers[kLobby].shared = true;
  list.from("dependency_invalid.shared_on_higher", world, dependency(0, kLobby));
}

}  // namespace

std::vector<RejectCase> make_reject_cases(const std::string& folder) {
  CaseList list(folder);
  add_file_cases(list);
  add_header_cases(list);
  add_empty_world(list);
  add_table_cases(list);
  add_tree_cases(list);
  add_container_name_cases(list);
  add_run_cases(list);
  add_pose_cases(list);
  add_asset_cases(list);
  add_chunk_cases(list);
  add_dependency_cases(list);
  add_motion_cases(list);
  return list.take();
}

}  // namespace nf::sample
