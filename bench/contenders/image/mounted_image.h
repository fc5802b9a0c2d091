// MountedImage: a file system image, mounted where nobody else can see it: the mount has no place
// in any folder, it hangs on a descriptor of this process. So it is gone when this object is, and
// when the process is, however it ends; the loop device under it detaches itself with it.
//
// One owner; the folder may be read by any thread. Needs root and Linux 5.2. Throws BenchError.
#pragma once

#include <filesystem>
#include <string>

namespace nf::bench {

enum class Backing : std::uint8_t {
  loop,  // a loop device, by direct reads where the disk allows them
  file,  // the file itself where the kernel can (EROFS since 6.12), else a loop device
};

class MountedImage {
 public:
  // Throws if this process cannot mount file systems of that type from files in `folder`, and says
  // why. Asks the kernel to mount an empty file: a container's root may do all but the mount.
  static void require(const char* type, const std::filesystem::path& folder, Backing backing);

  MountedImage(const char* type, const std::filesystem::path& image, Backing backing);
  ~MountedImage();  // waits until the loop device is free
  MountedImage(const MountedImage&) = delete;
  MountedImage& operator=(const MountedImage&) = delete;

  int folder() const { return mount_; }  // the root of the image
  bool on_loop() const { return loop_number_ >= 0; }
  // On a loop device that reads through the page cache: the image's bytes are cached twice.
  bool cached_twice() const { return cached_twice_; }

 private:
  int mount_ = -1;
  int loop_number_ = -1;
  bool cached_twice_ = false;
};

}  // namespace nf::bench
