namespace EventSourcing.TestInfrastructure.Tests;

public sealed class PostgreSqlBinariesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("postgresql-binaries-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void The_newest_version_wins_by_number_and_not_by_text()
    {
        Install("lib/9.6/bin");
        Install("lib/15/bin");
        var newest = Install("pgsql-17/bin");

        Find(path: null).Should().Be(newest);
    }

    [Fact]
    public void What_is_on_the_path_wins_over_what_is_installed_elsewhere()
    {
        Install("lib/17/bin");
        var chosen = Install("my/own");

        Find(path: "/nowhere" + Path.PathSeparator + chosen).Should().Be(chosen);
    }

    [Fact]
    public void A_folder_with_the_client_only_is_passed_over()
    {
        var server = Install("lib/15/bin");
        Directory.CreateDirectory(Path.Combine(root, "lib/17/bin"));

        Find(path: null).Should().Be(server);
    }

    [Fact]
    public void Nothing_installed_is_no_folder() => Find(path: "").Should().BeNull();

    private string? Find(string? path) =>
        PostgreSqlBinaries.Find(path, [(Path.Combine(root, "lib"), ""), (root, "pgsql-"), (Path.Combine(root, "absent"), "")]);

    private string Install(string folder)
    {
        var path = Directory.CreateDirectory(Path.Combine(root, folder)).FullName;
        File.WriteAllText(Path.Combine(path, "initdb"), "");
        File.WriteAllText(Path.Combine(path, "pg_ctl"), "");
        return path;
    }
}
