// Replaces the fixed port in code taken from a page of the documentation.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

inline std::uint16_t page_port() {
    return static_cast<std::uint16_t>(std::stoi(std::getenv("PAGE_PORT")));
}
inline std::string page_address() {
    return "127.0.0.1:" + std::to_string(page_port());
}
