// ByteReader and ByteWriter: a cursor over bytes that never leaves them.
//
// A step that would leave the bytes does nothing, and the cursor stays broken from then on: a
// parser reads all it wants and asks `ok` once, before it believes what it read. One owner; both
// borrow their bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace nf {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // The next T, a wire type or a struct of them; T{} if there are not enough bytes.
  template <class T>
  T read() {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 1);
    T value{};
    const std::span<const std::byte> taken = take(sizeof(T));
    if (!taken.empty()) std::memcpy(static_cast<void*>(&value), taken.data(), sizeof(T));
    return value;
  }

  // The next `size` bytes; empty if there are not enough.
  std::span<const std::byte> take(std::size_t size) {
    if (!ok_ || size > remaining()) {
      ok_ = false;
      return {};
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }

  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }
  std::size_t remaining() const { return bytes_.size() - at_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

class ByteWriter {
 public:
  explicit ByteWriter(std::span<std::byte> bytes) : bytes_(bytes) {}

  template <class T>
  void write(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 1);
    put(std::as_bytes(std::span<const T, 1>(&value, 1)));
  }

  void put(std::span<const std::byte> bytes) {
    if (!ok_ || bytes.size() > remaining()) {
      ok_ = false;
      return;
    }
    if (!bytes.empty()) std::memcpy(bytes_.data() + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }
  std::size_t remaining() const { return bytes_.size() - at_; }

 private:
  std::span<std::byte> bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace nf
