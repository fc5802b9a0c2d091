// xml_texts: the texts of an XML file's elements, each with the names of the elements around it.
//
// Pure function, any thread. Enough for property lists, in which attributes and order mean little:
// no entities but the five of XML, no document types, no namespaces. Depth and number are limited.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

namespace nf {

struct XmlText {
  std::string path;          // "PropertyList/material/texture"
  std::string text;          // trimmed; empty for an element that is only opened
  std::string attributes;    // as written
  std::uint32_t parent = 0;  // which element it lies in: elements count from 1 in order of opening
  std::uint32_t element = 0;
};

inline constexpr std::size_t kXmlDepthMax = 64;
inline constexpr std::size_t kXmlElementsMax = 200'000;
inline constexpr std::size_t kXmlPathMax = 512;

// One entry an element, in order of opening. The error's subject is the line.
Result<std::vector<XmlText>> parse_xml_texts(std::string_view xml);

// The value of an attribute in `attributes`, as written; empty if there is none.
std::string_view find_attribute(std::string_view attributes, std::string_view name);

// With the five entities of XML replaced by what they mean.
std::string without_entities(std::string_view text);

}  // namespace nf
