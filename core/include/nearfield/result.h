// What can go wrong, and the value that says so.
//
// Three kinds of failure are never mixed: a bug ends the process (NF_ASSERT), absence is an empty
// span or a none id, and everything the disk, the data or the user did is an Error. Plain values,
// any thread. An Error is 16 bytes so that completions carry it in arrays.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

namespace nf {

// Numbers are stable: append, never reuse.
enum class ErrorCode : std::uint16_t {
  ok = 0,
  // wrong use
  invalid_argument = 10,
  limit_exceeded = 11,
  not_found = 12,
  already_exists = 13,
  memory_misaligned = 14,  // of what the engine gave; Error::at: it begins at a multiple of this
  memory_too_small = 15,   // what the engine gave; Error::at: the least that will do
  memory_overlaps = 16,    // two of the spans that the engine gave share bytes
  in_use = 17,             // something else needs it; Error::subject: what
  // the machine
  out_of_memory = 20,
  file_open_failed = 21,
  file_read_failed = 22,
  file_write_failed = 23,
  file_sync_failed = 24,
  file_too_short = 25,  // the file ended before the read did
  disk_full = 26,
  permission_denied = 27,
  unsupported = 28,
  // time
  timed_out = 30,
  canceled = 31,
  // the data
  not_an_archive = 40,
  version_unsupported = 41,
  feature_unsupported = 42,
  header_checksum_mismatch = 43,
  table_checksum_mismatch = 44,
  chunk_checksum_mismatch = 45,
  chunk_decode_failed = 46,
  file_size_mismatch = 47,
  field_out_of_range = 48,
  reserved_not_zero = 49,
  tables_overlap = 50,
  runs_overlap = 51,
  tree_malformed = 52,
  order_wrong = 53,
  name_invalid = 54,
  name_duplicate = 55,
  dependency_invalid = 56,
  source_malformed = 57,  // an input of the packer cannot be understood
  not_a_model = 58,
  // done, but not for certain
  replaced_not_flushed = 60,  // the new file is in place; a power cut may bring the old one back
};

// What `Error::subject` counts.
enum class Subject : std::uint8_t {
  none = 0,
  container,
  asset,
  chunk,
  table,
  field,
  line,
  file,
  gate
};

struct Error {
  ErrorCode code = ErrorCode::ok;
  std::uint8_t os_error = 0;  // errno, if the system said no
  Subject subject_kind = Subject::none;
  std::uint32_t subject = 0;
  std::uint64_t at = 0;  // file offset in bytes, where one makes sense

  constexpr explicit operator bool() const { return code != ErrorCode::ok; }
  friend constexpr bool operator==(const Error&, const Error&) = default;
};
static_assert(sizeof(Error) == 16);

// A short English phrase, e.g. "chunk checksum mismatch". Never null, lives for ever.
const char* error_text(ErrorCode code);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, error) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(error) {}

  explicit operator bool() const { return !error_; }
  bool has_value() const { return !error_; }
  const Error& error() const { return error_; }

 private:
  Error error_;
};

}  // namespace nf
