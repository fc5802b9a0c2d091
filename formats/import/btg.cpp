#include "formats/import/btg.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace nf {

namespace {

enum class ObjectKind : std::uint8_t {
  bounding_sphere = 0,
  vertices = 1,
  points = 9,
  triangles = 10,
  strips = 11,
  fans = 12,
};

constexpr std::uint8_t kMaterialProperty = 0;
constexpr std::uint32_t kSphereSize = 28;
constexpr std::uint32_t kVertexSize = 12;
constexpr std::size_t kMaterialNameMax = 255;
constexpr std::size_t kMaterialsMax = 4096;
constexpr double kPlaceMax = 1e9;  // metres from the centre of the earth

// Reads little-endian values one after the other; past the end it fails for good.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t at() const { return at_; }
  bool failed() const { return failed_; }

  std::span<const std::byte> take(std::uint64_t size) {
    if (failed_ || size > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    const std::span<const std::byte> part = bytes_.subspan(at_, size);
    at_ += size;
    return part;
  }
  std::uint32_t take_integer(std::size_t width) {
    std::uint32_t value = 0;
    const std::span<const std::byte> part = take(width);
    for (std::size_t i = 0; i < part.size(); ++i)
      value |= std::to_integer<std::uint32_t>(part[i]) << (8 * i);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

double f64_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i)
    bits |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  return std::bit_cast<double>(bits);
}

float f32_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i)
    bits |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
  return std::bit_cast<float>(bits);
}

Error malformed(std::uint64_t at) {
  return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::field, .at = at};
}

bool is_surface(ObjectKind kind) {
  return kind == ObjectKind::triangles || kind == ObjectKind::strips || kind == ObjectKind::fans;
}

bool read_sphere(std::span<const std::byte> element, BtgMesh& mesh) {
  if (element.size() != kSphereSize) return false;
  mesh.center = {f64_at(element, 0), f64_at(element, 8), f64_at(element, 16)};
  mesh.radius = f32_at(element, 24);
  for (const double c : {mesh.center.x, mesh.center.y, mesh.center.z}) {
    if (!(std::fabs(c) <= kPlaceMax)) return false;
  }
  mesh.has_sphere = true;
  return mesh.radius >= 0 && static_cast<double>(mesh.radius) <= kPlaceMax;
}

bool read_material(std::span<const std::byte> name, BtgMesh& mesh) {
  if (name.empty() || name.size() > kMaterialNameMax) return false;
  if (mesh.materials.size() >= kMaterialsMax) return false;
  const std::string text(reinterpret_cast<const char*>(name.data()), name.size());
  // Groups of one material follow each other, so most repetitions end here.
  if (mesh.materials.empty() || mesh.materials.back() != text) mesh.materials.push_back(text);
  return true;
}

bool read_object(Cursor& cursor, std::size_t count_width, BtgMesh& mesh) {
  const auto kind = static_cast<ObjectKind>(cursor.take_integer(1));
  const std::uint32_t properties = cursor.take_integer(count_width);
  const std::uint32_t elements = cursor.take_integer(count_width);
  const bool has_material = is_surface(kind) || kind == ObjectKind::points;
  for (std::uint32_t i = 0; i < properties; ++i) {
    const std::uint32_t property = cursor.take_integer(1);
    const std::span<const std::byte> value = cursor.take(cursor.take_integer(4));
    if (cursor.failed()) return false;
    if (has_material && property == kMaterialProperty && !read_material(value, mesh)) return false;
  }
  for (std::uint32_t i = 0; i < elements; ++i) {
    const std::span<const std::byte> element = cursor.take(cursor.take_integer(4));
    if (cursor.failed()) return false;
    if (kind == ObjectKind::bounding_sphere && !read_sphere(element, mesh)) return false;
    if (kind == ObjectKind::vertices) {
      if (element.size() % kVertexSize != 0) return false;
      mesh.vertices += element.size() / kVertexSize;
    }
  }
  if (is_surface(kind)) mesh.triangle_groups += elements;
  return !cursor.failed();
}

}  // namespace

Result<BtgMesh> parse_btg(std::span<const std::byte> bytes) {
  Cursor cursor(bytes);
  BtgMesh mesh;
  const std::uint32_t magic = cursor.take_integer(4);
  mesh.version = static_cast<std::uint16_t>(magic & 0xFFFF);
  if (cursor.failed() || magic >> 16 != 0x5347) return malformed(0);  // "SG"
  if (mesh.version < 5 || mesh.version > 10) return Error{.code = ErrorCode::version_unsupported};
  cursor.take_integer(4);  // when it was made
  const std::size_t count_width = mesh.version >= 10 ? 4 : 2;
  const std::uint32_t objects = cursor.take_integer(count_width);
  for (std::uint32_t i = 0; i < objects; ++i) {
    if (!read_object(cursor, count_width, mesh)) return malformed(cursor.at());
  }
  if (cursor.failed() || !mesh.has_sphere) return malformed(cursor.at());
  std::sort(mesh.materials.begin(), mesh.materials.end());
  mesh.materials.erase(std::unique(mesh.materials.begin(), mesh.materials.end()),
                       mesh.materials.end());
  return mesh;
}

}  // namespace nf
