#include "formats/archive/archive_writer.h"

#include <gtest/gtest.h>
#include <nearfield/archive.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <functional>

#include "tests/golden/sample_world.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

using sample::TemporaryFolder;

TEST(ArchiveWriter, writes_the_same_bytes_every_time_and_everywhere) {
  const TemporaryFolder here, there;
  ASSERT_TRUE(sample::write(sample::golden_world(), here.file("a.nfa")));
  ASSERT_TRUE(sample::write(sample::golden_world(), there.file("b.nfa")));
  EXPECT_EQ(sample::read_file(here.file("a.nfa")), sample::read_file(there.file("b.nfa")));
}

TEST(ArchiveWriter, leaves_nothing_when_it_is_dropped) {
  const TemporaryFolder folder;
  const std::string path = folder.file("world.nfa");
  ASSERT_TRUE(sample::write(sample::smallest_world(), path));
  const std::vector<std::byte> old = sample::read_file(path);
  {
    Result<ArchiveWriter> writer = ArchiveWriter::create(path);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append_run(sample::sample_bytes(5000, 1)));
    EXPECT_EQ(folder.entry_count(), 2u);
  }
  EXPECT_EQ(folder.entry_count(), 1u);
  EXPECT_EQ(sample::read_file(path), old);
}

TEST(ArchiveWriter, refuses_what_a_reader_would_refuse_and_keeps_the_old_archive) {
  const TemporaryFolder folder;
  const std::string path = folder.file("world.nfa");
  ASSERT_TRUE(sample::write(sample::smallest_world(), path));
  const std::vector<std::byte> old = sample::read_file(path);
  const auto refuse = [&](const std::function<void(sample::Packed&)>& change) {
    sample::Packed packed = sample::pack(sample::golden_world());
    change(packed);
    const Result<void> written = sample::write(packed, path);
    EXPECT_EQ(sample::read_file(path), old);
    EXPECT_EQ(folder.entry_count(), 1u);
    return written ? ErrorCode::ok : written.error().code;
  };
  EXPECT_EQ(refuse([](auto& p) { p.content.world.containers.parent[5] = 1; }),
            ErrorCode::tree_malformed);
  EXPECT_EQ(refuse([](auto& p) { p.content.container_names[5] = ".."; }), ErrorCode::name_invalid);
  EXPECT_EQ(refuse([](auto& p) { p.content.container_names[5] = std::string(256, 'x'); }),
            ErrorCode::name_invalid);
  EXPECT_EQ(refuse([](auto& p) { p.content.asset_names[0] = "another"; }), ErrorCode::name_invalid);
  EXPECT_EQ(refuse([](auto& p) { p.content.asset_names.pop_back(); }), ErrorCode::invalid_argument);
  EXPECT_EQ(refuse([](auto& p) { p.content.world.chunks.raw_size[0] += 1; }),
            ErrorCode::field_out_of_range);
  EXPECT_EQ(refuse([](auto& p) { p.stored[5].clear(); }), ErrorCode::field_out_of_range)
      << "a run that was never appended";
}

TEST(ArchiveWriter, refuses_gates_and_motion_that_a_reader_would_refuse) {
  const TemporaryFolder folder;
  const std::string path = folder.file("world.nfa");
  const auto refuse = [&](const std::function<void(ArchiveContent&)>& change) {
    sample::Packed packed = sample::pack(sample::golden_world_in_motion());
    change(packed.content);
    const Result<void> written = sample::write(packed, path);
    return written ? ErrorCode::ok : written.error().code;
  };
  EXPECT_EQ(refuse([](ArchiveContent&) {}), ErrorCode::ok);
  EXPECT_EQ(refuse([](ArchiveContent& c) { c.gate_names.pop_back(); }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(refuse([](ArchiveContent& c) { c.gate_names[1] = "another"; }),
            ErrorCode::name_invalid);
  EXPECT_EQ(refuse([](ArchiveContent& c) { c.world.gates.container[2] = 99; }),
            ErrorCode::field_out_of_range);
  EXPECT_EQ(refuse([](ArchiveContent& c) { c.world.gates.container[1] = 2; }),
            ErrorCode::order_wrong);
  EXPECT_EQ(
      refuse([](ArchiveContent& c) { c.world.containers.refinement[0] = Refinement::replace; }),
      ErrorCode::field_out_of_range);
}

TEST(ArchiveOpen, names_a_gate_and_the_place_of_its_record) {
  const std::string path = std::string(NF_DATA_DIR) + "/reject/name_duplicate.gate.nfa";
  const Result<Archive> archive = Archive::open(path.c_str());
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().subject_kind, Subject::gate);
  EXPECT_EQ(describe_open_error(path.c_str(), archive.error()),
            "archive " + path + ": gate 2: " + error_text(ErrorCode::name_duplicate) +
                " at offset " + std::to_string(archive.error().at));
  EXPECT_EQ(archive.error().at % 4096, 2u * 96);
}

TEST(ArchiveWriter, starts_every_run_at_a_page_and_fills_up_with_zeros) {
  const TemporaryFolder folder;
  const std::string path = folder.file("world.nfa");
  sample::Packed packed = sample::pack(sample::golden_world());
  ASSERT_TRUE(sample::write(packed, path));
  const std::vector<std::byte> bytes = sample::read_file(path);
  EXPECT_EQ(bytes.size() % 4096, 0u);
  const ContainerTable& table = packed.content.world.containers;
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    EXPECT_EQ(table.run_at[i].value % 4096, 0u);
    if (table.run_size[i] == 0) continue;
    const std::uint64_t end = table.run_at[i].value + table.run_size[i];
    for (std::uint64_t at = end; at % 4096 != 0; ++at) ASSERT_EQ(bytes[at], std::byte{0}) << at;
  }
}

TEST(ArchiveWriter, writes_equal_names_once) {
  const TemporaryFolder folder;
  sample::World world = sample::smallest_world();
  for (int i = 0; i < 5; ++i) {
    world.containers.push_back(
        {.name = "c" + std::to_string(i), .assets = {{.name = "same name"}}});
  }
  const std::string path = folder.file("names.nfa");
  ASSERT_TRUE(sample::write(world, path));
  const std::vector<std::byte> bytes = sample::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t first = text.find("same name");
  ASSERT_NE(first, std::string_view::npos);
  EXPECT_EQ(text.find("same name", first + 1), std::string_view::npos);
}

TEST(ArchiveWriter, works_beside_what_a_killed_one_left_and_beside_another) {
  const TemporaryFolder folder;
  const std::string path = folder.file("world.nfa");
  Result<ArchiveWriter> other = ArchiveWriter::create(path);
  ASSERT_TRUE(other);
  ASSERT_TRUE(sample::write(sample::smallest_world(), path));
  EXPECT_TRUE(Archive::open(path.c_str()));
}

TEST(ArchiveWriter, says_why_it_cannot_start) {
  const TemporaryFolder folder;
  EXPECT_EQ(ArchiveWriter::create(folder.file("none/world.nfa")).error().code,
            ErrorCode::file_open_failed);
  EXPECT_EQ(ArchiveWriter::create(folder.path() + "/").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(ArchiveWriter::create("").error().code, ErrorCode::invalid_argument);
  ASSERT_EQ(::mkdir(folder.file("folder.nfa").c_str(), 0700), 0);
  EXPECT_EQ(ArchiveWriter::create(folder.file("folder.nfa")).error().os_error, EISDIR);
  EXPECT_EQ(folder.entry_count(), 1u);
}

TEST(ArchiveWriter, replaces_regular_files_only) {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink(pipe, folder.file("to pipe"));
  std::filesystem::create_symlink(folder.file("nothing"), folder.file("to nothing"));
  std::filesystem::create_symlink("loop", folder.file("loop"));
  std::filesystem::create_symlink("/dev/null", folder.file("to null"));
  for (const char* name : {"pipe", "to pipe", "to nothing", "loop", "to null"}) {
    const Result<ArchiveWriter> writer = ArchiveWriter::create(folder.file(name));
    ASSERT_FALSE(writer) << name;
    EXPECT_EQ(writer.error().code, ErrorCode::invalid_argument) << name;
  }
  EXPECT_EQ(ArchiveWriter::create("/dev/null").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(folder.entry_count(), 5u);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST(ArchiveWriter, replaces_what_a_link_leads_to_and_keeps_the_link) {
  const TemporaryFolder folder, elsewhere;
  sample::write_file(elsewhere.file("world.nfa"), {});
  std::filesystem::create_symlink(elsewhere.file("world.nfa"), folder.file("link.nfa"));
  std::filesystem::create_symlink("link.nfa", folder.file("second.nfa"));
  ASSERT_TRUE(sample::write(sample::smallest_world(), folder.file("second.nfa")));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("second.nfa")));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link.nfa")));
  EXPECT_TRUE(std::filesystem::is_regular_file(
      std::filesystem::symlink_status(elsewhere.file("world.nfa"))));
  EXPECT_TRUE(Archive::open(elsewhere.file("world.nfa").c_str()));
  EXPECT_EQ(folder.entry_count(), 2u);
  EXPECT_EQ(elsewhere.entry_count(), 1u);
}

TEST(ArchiveWriter, keeps_the_permissions_of_what_it_replaces) {
  const TemporaryFolder folder;
  const std::string path = folder.file("world.nfa");
  for (const mode_t mode : {0600u, 0640u, 0444u, 0666u}) {
    sample::write_file(path, {});
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    ASSERT_TRUE(sample::write(sample::smallest_world(), path));
    struct stat status = {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777u, mode);
    std::filesystem::remove(path);
  }
}

TEST(ArchiveWriter, says_that_the_file_may_not_grow_and_leaves_nothing) {
  const TemporaryFolder folder;
  rlimit old_limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 8192, .rlim_max = old_limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Result<void> written = sample::write(sample::golden_world(), folder.file("world.nfa"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  ::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::file_write_failed);
  EXPECT_EQ(written.error().os_error, EFBIG);
  EXPECT_EQ(folder.entry_count(), 0u);
}

}  // namespace
}  // namespace nf
