// Any bytes as a property list.
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"
#include "formats/import/xml_texts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto xml = nf::parse_xml_texts(std::string_view(reinterpret_cast<const char*>(data), size));
  if (xml) {
    std::uint32_t element = 0;
    for (const nf::XmlText& text : *xml) {
      NF_ASSERT(text.element == ++element);
      NF_ASSERT(text.parent < text.element);
      NF_ASSERT(text.path.size() <= nf::kXmlPathMax + 1);
      nf::find_attribute(text.attributes, "include");
    }
  }
  return 0;
}
