// The programs that `execute` may run.
#pragma once

#include <echosocket/result.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

/// An allow-list. The files are looked up once, so that a later change of `PATH` allows nothing more.
class program_list {
public:
    program_list() = default;

    /// Looks up names in `PATH`; a name with a slash is the program's own path.
    ///
    /// Errors: `invalid_config`; the detail names a program that does not exist or cannot be executed.
    [[nodiscard]] static result<program_list> find(const std::vector<std::string>& names);

    /// The file to execute for the first word of a command line: an allowed name or that name's full path.
    /// Errors: `not_allowed`; the detail says what is allowed, or how to allow something.
    [[nodiscard]] result<std::string> path_of(std::string_view word) const;

    [[nodiscard]] bool empty() const noexcept { return paths_.empty(); }

private:
    std::map<std::string, std::string, std::less<>> paths_;
};

}  // namespace echosocket::cli
