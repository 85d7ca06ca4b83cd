using System.Text.RegularExpressions;
using DeepSight.Core;
using DeepSight.Core.Settings;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using YamlDotNet.Serialization;

namespace DeepSight.Tests.Delivery;

/// <summary>infra/docker and infra/systemd, as far as files can be checked: the suite has no Docker engine.</summary>
public sealed class ContainerTests
{
    private static readonly string Folder = Path.Combine(Clone.Root, "infra", "docker");

    private static readonly HashSet<string> Known = [.. SettingsCatalog.All.Select(setting => setting.Name),
        "AzureWebJobsStorage", "ASPNETCORE_URLS", "DEEPSIGHT_FUNCTION_KEY", "DEEPSIGHT_MASTER_KEY", "DEEPSIGHT_STATE_DIR", "DOTNET_EnableDiagnostics", "PATH"];

    [Fact]
    public async Task The_Dockerfile_is_valid_and_all_that_it_copies_is_there() =>
        (await Script.RunAsync("infra/docker/check.sh")).EndedWith(0);

    [Fact]
    public void Compose_builds_the_image_from_the_clone_and_opens_every_port_to_this_machine_alone()
    {
        var services = Compose("services");

        var build = Map(Map(services["deepsight"])["build"]);
        Assert.Equal(Clone.Root, Path.GetFullPath(Path.Combine(Folder, (string)build["context"])));
        Assert.True(File.Exists(Path.Combine(Clone.Root, (string)build["dockerfile"])));
        foreach (var (_, service) in services)
            foreach (var port in List(Map(service), "ports"))
                Assert.StartsWith("127.0.0.1:", (string)port, StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_sets_only_settings_that_exist_and_no_secret_of_its_own()
    {
        var environment = Map(Map(Compose("services")["deepsight"])["environment"]);

        Assert.Empty(environment.Keys.Except(Known));
        var values = environment.ToDictionary(pair => pair.Key, pair => (string)pair.Value);
        foreach (var secret in new[] { "DEEPSIGHT_FUNCTION_KEY", "DEEPSIGHT_MASTER_KEY", "AWS_SECRET_ACCESS_KEY" })
            Assert.StartsWith("${", values[secret], StringComparison.Ordinal);
        // ${NAME:?hint} is what the file beside it sets.
        var filled = values.Select(pair => KeyValuePair.Create(pair.Key, (string?)Regex.Replace(pair.Value, @"\$\{[^}]*\}", "0123456789abcdef")));
        Assert.Empty(DeepSightSettings.Load(new SettingsSource().Add(filled, "compose")).Errors);
    }

    [Fact]
    public void Compose_names_only_services_and_volumes_that_it_has()
    {
        var (services, volumes) = (Compose("services"), Compose("volumes"));
        foreach (var (_, service) in services)
        {
            if (Map(service).TryGetValue("depends_on", out var needed))
                Assert.Empty((needed is IEnumerable<object> list ? list.Cast<string>() : Map(needed).Keys).Except(services.Keys));
            foreach (var volume in List(Map(service), "volumes"))
                Assert.Contains(((string)volume).Split(':')[0], volumes.Keys);
        }
    }

    [Fact]
    public void Compose_asks_for_exactly_what_the_sample_lists()
    {
        var text = File.ReadAllText(Path.Combine(Folder, "compose.yaml"));
        var sample = File.ReadLines(Path.Combine(Folder, "sample.env")).Where(line => line.Contains('=', StringComparison.Ordinal)).Select(line => line.Split('=')[0]);

        var asked = text.Split("${").Skip(1).Select(part => part.Split(':', '}')[0]).Distinct();
        Assert.Equal(sample.Order(), asked.Order());
    }

    [Fact]
    public void The_unit_sets_only_settings_that_exist_and_restarts_nothing_that_would_fail_again()
    {
        var lines = File.ReadAllLines(Path.Combine(Clone.Root, "infra", "systemd", "deepsight.service"));

        Assert.Empty(lines.Where(line => line.StartsWith("Environment=", StringComparison.Ordinal)).Select(line => line.Split('=')[1]).Except(Known));
        Assert.Contains("RestartPreventExitStatus=2 3", lines);
        Assert.Contains("DynamicUser=yes", lines);
    }

    /// <summary>On its socket the image's first server answers, which only makes the database and ends again.</summary>
    [Fact]
    public void Compose_asks_the_database_server_by_address_whether_it_is_ready() =>
        Assert.Contains("--host=127.0.0.1", List(Map(Map(Compose("services")["postgres"])["healthcheck"]), "test"));

    /// <summary>Run by itself it would look for backups in /tmp, and put requests on a queue that nobody reads.</summary>
    [Fact]
    public async Task The_command_beside_the_unit_gets_all_that_decides_where_the_service_works()
    {
        var unit = File.ReadAllLines(Path.Combine(Clone.Root, "infra", "systemd", "deepsight.service"));
        using var folder = new TemporaryFolder();
        var runner = Path.Combine(folder.Path, "systemd-run");
        await File.WriteAllTextAsync(runner, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(runner, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var result = await Script.RunLineAsync([Path.Combine(Clone.Root, "infra", "systemd", "deepsight"), "list", "a b"],
            new Dictionary<string, string> { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" });

        result.EndedWith(0);
        var given = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in unit.Where(line => Regex.IsMatch(line, "^(EnvironmentFile|DynamicUser|StateDirectory|StateDirectoryMode|WorkingDirectory|UMask)=")))
            Assert.Contains($"--property={line}", given);
        var directory = unit.Single(line => line.StartsWith("Environment=BACKUP_DIR=", StringComparison.Ordinal));
        Assert.Contains(directory.Replace("Environment=", "--setenv=", StringComparison.Ordinal), given);
        Assert.Contains("--property=User=deepsight", given);
        Assert.Equal(["/opt/deepsight/deepsight", "list", "a b"], given[^3..]);
    }

    private static Dictionary<string, object> Compose(string section) =>
        Map(new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(Path.Combine(Folder, "compose.yaml")))[section]);

    private static Dictionary<string, object> Map(object node) =>
        ((IDictionary<object, object>)node).ToDictionary(pair => (string)pair.Key, pair => pair.Value);

    private static IEnumerable<object> List(Dictionary<string, object> map, string name) =>
        map.TryGetValue(name, out var value) ? (IEnumerable<object>)value : [];
}
