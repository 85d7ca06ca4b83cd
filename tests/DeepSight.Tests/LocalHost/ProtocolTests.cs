using System.Reflection;
using DeepSight.LocalHost.Worker.Protocol;
using Google.Protobuf.Reflection;

namespace DeepSight.Tests.LocalHost;

/// <summary>Our part of the protocol against the descriptor that the official worker carries.</summary>
public sealed class ProtocolTests
{
    /// <summary>Shorter names here than there; the wire carries none.</summary>
    private static readonly Dictionary<string, string> Names = new()
    {
        ["FunctionMetadata"] = "RpcFunctionMetadata",
        ["RetryOptions"] = "RpcRetryOptions",
        ["RemoteException"] = "RpcException",
        ["TraceContext"] = "RpcTraceContext",
    };

    private static FileDescriptor Official() => (FileDescriptor)Assembly.Load("Microsoft.Azure.Functions.Worker.Grpc").GetTypes()
        .Single(type => type.Name == "FunctionRpcReflection")
        .GetProperty("Descriptor", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!.GetValue(null)!;

    [Fact]
    public void Every_field_has_the_number_and_the_type_of_the_official_one()
    {
        var official = Official();
        var theirs = official.MessageTypes.Concat(official.Dependencies.SelectMany(file => file.MessageTypes)).ToList();
        var differences =
            from mine in FunctionsRpcReflection.Descriptor.MessageTypes
            where mine.Name != "Empty"
            let other = theirs.First(message => message.Name == Names.GetValueOrDefault(mine.Name, mine.Name))
            from field in mine.Fields.InFieldNumberOrder()
            let there = other.FindFieldByNumber(field.FieldNumber)
            where there is null || there.IsRepeated != field.IsRepeated || !IsSameType(field, there)
                || (there.Name != field.Name && mine.Name != "StreamingMessage")
            select $"{mine.Name}.{field.Name} = {field.FieldNumber}";

        Assert.Empty(differences);
        Assert.Equal(official.Services.Single().FullName, FunctionsRpcReflection.Descriptor.Services.Single().FullName);
    }

    /// <summary>An enum travels as the number that it is.</summary>
    private static bool IsSameType(FieldDescriptor mine, FieldDescriptor theirs) =>
        mine.FieldType == theirs.FieldType || (mine.FieldType == FieldType.Int32 && theirs.FieldType == FieldType.Enum);
}
