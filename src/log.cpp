#include <echosocket/log.hpp>

namespace echosocket {

std::string_view name_of(log_level level) noexcept {
    switch (level) {
        case log_level::debug:
            return "debug";
        case log_level::info:
            return "info";
        case log_level::warning:
            return "warning";
        case log_level::error:
            return "error";
    }
    return "unknown";
}

}  // namespace echosocket
