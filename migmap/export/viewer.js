/* The map of an exported page. Every text from the data goes through textContent: none of it is markup. */
(function () {
  "use strict";

  var map = window.map_migmap;
  var status = document.getElementById("status");
  var HIGHLIGHT = "#e6007e";

  function fail(text) {
    status.textContent = text;
    status.hidden = false;
  }

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* Text from the data may run right to left: bdi keeps it from pulling its neighbours along. */
  function isolated(name, className, text) {
    var made = element(name, className);
    made.appendChild(element("bdi", "", text));
    return made;
  }

  function payload() {
    var box = document.getElementById("migmap-data");
    if (box.getAttribute("data-packed") !== "gzip") return Promise.resolve(JSON.parse(box.textContent));
    if (typeof DecompressionStream === "undefined") {
      return Promise.reject(new Error("This browser is too old to unpack the map. Chrome or Edge 80, " +
        "Firefox 113 or Safari 16.4 and later can; the figures beside the map are complete."));
    }
    var packed = atob(box.textContent.trim());
    var bytes = new Uint8Array(packed.length);
    for (var i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text().then(JSON.parse);
  }

  /* Leaflet's canvas with two things more: hatching for what is unknown, and point symbols by shape. */
  var Drawing = L.Canvas.extend({
    _fillStroke: function (ctx, layer) {
      L.Canvas.prototype._fillStroke.call(this, ctx, layer);
      if (!layer.options.hatch || !layer.options.fill) return;
      ctx.globalAlpha = 0.75;
      ctx.fillStyle = hatching(ctx);
      ctx.fill("evenodd");
      ctx.globalAlpha = 1;
    },
    _updateCircle: function (layer) {
      if (!this._drawing || layer._empty()) return;
      outline(this._ctx, layer.options.shape, layer._point, Math.max(layer._radius, 1));
      this._fillStroke(this._ctx, layer);
    }
  });

  var pattern = null;
  function hatching(ctx) {
    if (pattern) return pattern;
    var tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    var pen = tile.getContext("2d");
    pen.strokeStyle = "#555555";
    pen.lineWidth = 1.2;
    pen.beginPath();
    [[-1, 1, 1, -1], [0, 6, 6, 0], [5, 7, 7, 5]].forEach(function (line) {
      pen.moveTo(line[0], line[1]);
      pen.lineTo(line[2], line[3]);
    });
    pen.stroke();
    pattern = ctx.createPattern(tile, "repeat");
    return pattern;
  }

  var CORNERS = {
    square: [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]],
    triangle: [[0, -1], [0.95, 0.75], [-0.95, 0.75]],
    diamond: [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]],
    cross: [[-0.35, -1], [0.35, -1], [0.35, -0.35], [1, -0.35], [1, 0.35], [0.35, 0.35], [0.35, 1],
      [-0.35, 1], [-0.35, 0.35], [-1, 0.35], [-1, -0.35], [-0.35, -0.35]],
    star: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(function (i) {
      var far = i % 2 ? 0.5 : 1.15;
      return [far * Math.sin(i * Math.PI / 5), -far * Math.cos(i * Math.PI / 5)];
    })
  };

  function outline(ctx, shape, at, radius) {
    var corners = CORNERS[shape];
    ctx.beginPath();
    if (!corners) {
      ctx.arc(at.x, at.y, radius, 0, Math.PI * 2, false);
      return;
    }
    corners.forEach(function (corner, i) {
      ctx[i ? "lineTo" : "moveTo"](at.x + corner[0] * radius, at.y + corner[1] * radius);
    });
    ctx.closePath();
  }

  /* Flat arrays back to positions: each ring begins with a place and goes on with differences. */
  function rebuilt(group, scale, use) {
    var at = 0, ring = 0, part = 0;
    function positions() {
      var found = [], x = 0, y = 0;
      for (var n = group.counts[ring++]; n > 0; n--) {
        x += group.xy[at++];
        y += group.xy[at++];
        found.push(L.latLng(y / scale, x / scale));
      }
      return found;
    }
    group.rows.forEach(function (row, i) {
      var parts = [];
      for (var p = group.parts[i]; p > 0; p--) {
        if (group.kind !== "polygon") {
          parts.push(positions());
          continue;
        }
        var rings = [];
        for (var r = group.rings[part++]; r > 0; r--) rings.push(positions());
        parts.push(rings);
      }
      use(row, parts);
    });
  }

  function options(symbol, kind, extra) {
    var line = kind === "line";
    var made = {
      interactive: false, stroke: line || Boolean(symbol.stroke && symbol.width > 0),
      color: line ? (symbol.fill || symbol.stroke) : symbol.stroke,
      weight: line ? Math.max(symbol.width, 1.6) : symbol.width, opacity: 1,
      fill: !line && Boolean(symbol.fill), fillColor: symbol.fill, fillOpacity: kind === "polygon" ? 0.8 : 0.95,
      hatch: symbol.hatch, shape: symbol.shape, radius: symbol.size / 2, smoothFactor: 0.6
    };
    for (var key in extra) made[key] = extra[key];
    return made;
  }

  function shapes(kind, parts, style) {
    if (kind === "polygon") return [L.polygon(parts, style)];
    if (kind === "line") return [L.polyline(parts, style)];
    return parts.map(function (part) { return L.circleMarker(part[0], style); });
  }

  function vectorLayer(layer, number) {
    var pane = map.createPane("layer" + number);
    pane.style.zIndex = 410 + number;
    pane.style.opacity = layer.opacity;
    pane.style.pointerEvents = "none";
    var renderer = new Drawing({ pane: "layer" + number, padding: 0.4 });
    var group = L.layerGroup();
    var features = [];
    layer.groups.forEach(function (shape) {
      rebuilt(shape, layer.scale, function (row, parts) {
        var style = options(layer.symbols[layer.rules[row]], shape.kind, { renderer: renderer });
        var drawn = shapes(shape.kind, parts, style);
        drawn.forEach(function (one) { group.addLayer(one); });
        features.push({ layer: layer, row: row, kind: shape.kind, parts: parts, drawn: drawn });
      });
    });
    return { shown: group, features: features };
  }

  function rasterLayer(layer, number) {
    if (!layer.image) return { shown: L.layerGroup(), features: [] };
    var pane = map.createPane("layer" + number);
    pane.style.zIndex = 410 + number;
    pane.style.pointerEvents = "none";
    var image = L.imageOverlay(layer.image, layer.bounds, {
      pane: "layer" + number, opacity: layer.opacity, className: "raster", alt: layer.title
    });
    return { shown: image, features: [] };
  }

  /* ---- a feature's card ---- */

  function words(value) {
    if (value === true) return "yes";
    if (value === false) return "no";
    return String(value);
  }

  function nameOf(feature) {
    var layer = feature.layer;
    var name = layer.name >= 0 ? layer.values[layer.name][feature.row] : null;
    return name === null ? "Row " + layer.rows[feature.row] : words(name);
  }

  function card(feature) {
    var layer = feature.layer, row = feature.row;
    var box = element("div", "card");
    box.appendChild(isolated("h3", "", nameOf(feature)));
    var second = layer.second >= 0 ? layer.values[layer.second][row] : null;
    if (second !== null && words(second) !== nameOf(feature)) box.appendChild(isolated("p", "card-second", words(second)));
    var kind = element("p", "card-class");
    kind.appendChild(isolated("span", "card-layer", layer.title));
    var label = layer.labels[layer.rules[row]];
    if (label) kind.appendChild(isolated("span", "card-label", label));
    box.appendChild(kind);
    var table = element("table", "card-values");
    var empty = [];
    layer.columns.forEach(function (column, i) {
      var value = layer.values[i][row];
      if (value === null) {
        empty.push(column);
        return;
      }
      var line = table.insertRow();
      var head = isolated("th", "", column);
      head.setAttribute("scope", "row");
      line.appendChild(head);
      /* No bdi here: dir="auto" looks past it, and Urdu would stand on the wrong side of the cell. */
      var cell = element("td", typeof value === "number" ? "number" : "", words(value));
      cell.dir = "auto";
      line.appendChild(cell);
    });
    box.appendChild(table);
    if (empty.length) box.appendChild(isolated("p", "card-empty", "No value: " + empty.join(", ")));
    return box;
  }

  var marked = L.layerGroup();

  function mark(feature) {
    marked.clearLayers();
    var style = {
      pane: "marked", interactive: false, color: HIGHLIGHT, weight: 3, fill: false, opacity: 1,
      radius: feature.kind === "point" ? feature.drawn[0].options.radius + 4 : 0
    };
    shapes(feature.kind, feature.parts, style).forEach(function (one) { marked.addLayer(one); });
  }

  function open(found, at) {
    var box = element("div", "cards");
    var place = 0;
    function show() {
      box.textContent = "";
      if (found.length > 1) {
        var bar = element("div", "card-bar");
        [["‹", -1, "Previous feature"], ["›", 1, "Next feature"]].forEach(function (step, i) {
          var button = element("button", "", step[0]);
          button.type = "button";
          button.setAttribute("aria-label", step[2]);
          button.addEventListener("click", function (event) {
            /* Else the click reaches the map, which would close the card. */
            event.stopPropagation();
            place = (place + step[1] + found.length) % found.length;
            show();
          });
          bar.appendChild(button);
          if (i === 0) bar.appendChild(element("span", "", (place + 1) + " of " + found.length));
        });
        box.appendChild(bar);
      }
      box.appendChild(card(found[place]));
      mark(found[place]);
    }
    show();
    L.popup({ maxWidth: 340, minWidth: 220, maxHeight: Math.max(Math.min(map.getSize().y - 90, 340), 140), autoPanPadding: [12, 12] })
      .setLatLng(at).setContent(box).openOn(map);
  }

  /* ---- layers, clicks, search ---- */

  function centre(feature) {
    var first = feature.drawn[0];
    return first.getLatLng ? first.getLatLng() : first.getBounds().getCenter();
  }

  function boundsOf(feature) {
    var all = L.latLngBounds([]);
    feature.drawn.forEach(function (one) {
      all.extend(one.getLatLng ? one.getLatLng() : one.getBounds());
    });
    return all;
  }

  function start(data) {
    var layers = data.layers.map(function (layer, number) {
      return "image" in layer ? rasterLayer(layer, number) : vectorLayer(layer, number);
    });
    map.createPane("marked").style.zIndex = 640;
    map.getPane("marked").style.pointerEvents = "none";
    marked.addTo(map);

    var home = data.bounds ? L.latLngBounds(data.bounds) : L.latLngBounds([[23, 60], [37.5, 78]]);
    function whole() { map.fitBounds(home, { paddingTopLeft: [24, 24], paddingBottomRight: [24, 48], maxZoom: 15, animate: false }); }
    var touched = false;
    ["pointerdown", "wheel", "keydown"].forEach(function (name) {
      map.getContainer().addEventListener(name, function () { touched = true; }, { passive: true });
    });
    /* A window that changes its size before anyone moved the map still shows everything. */
    new ResizeObserver(function () {
      if (onPaper) return;
      map.invalidateSize({ animate: false });
      if (!touched) whole();
    }).observe(map.getContainer());
    whole();
    graticule();
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    homeButton(whole);

    document.querySelectorAll("input[data-layer]").forEach(function (box) {
      var layer = layers[Number(box.getAttribute("data-layer"))];
      function follow() {
        if (box.checked) layer.shown.addTo(map);
        else map.removeLayer(layer.shown);
      }
      box.disabled = false;
      box.addEventListener("change", follow);
      follow();
    });

    function hits(at) {
      var found = [];
      for (var i = layers.length - 1; i >= 0; i--) {
        if (!map.hasLayer(layers[i].shown)) continue;
        for (var j = layers[i].features.length - 1; j >= 0 && found.length < 20; j--) {
          var feature = layers[i].features[j];
          if (feature.drawn.some(function (one) { return one._containsPoint(at); })) found.push(feature);
        }
      }
      return found;
    }
    map.on("click", function (event) {
      var found = hits(event.layerPoint);
      if (found.length) open(found, event.latlng);
    });
    var many = layers.reduce(function (sum, layer) { return sum + layer.features.length; }, 0);
    if (many < 20000) {
      map.on("mousemove", function (event) {
        map.getContainer().classList.toggle("over-feature", hits(event.layerPoint).length > 0);
      });
    }
    map.on("popupclose", function () { marked.clearLayers(); });

    search(layers);
    figures(data.metrics);
    printing();
    document.documentElement.setAttribute("data-ready", "yes");
  }

  /* On paper the map is the picture on the screen, scaled. Drawn anew while the browser prepares to print,
     its layers would cover each other in white (Chromium records a canvas's erasing as white paint). */
  var onPaper = false;
  function printing() {
    var frame = document.querySelector(".map-frame");
    var paper = { x: 1040, y: 560 };
    window.addEventListener("beforeprint", function () {
      var size = { x: frame.offsetWidth, y: frame.offsetHeight };
      var scale = Math.min(paper.x / size.x, paper.y / size.y);
      onPaper = true;
      frame.style.width = size.x + "px";
      frame.style.height = size.y + "px";
      frame.style.transform = "scale(" + scale + ")";
      frame.style.marginBottom = (scale - 1) * size.y + "px";
    });
    window.addEventListener("afterprint", function () {
      ["width", "height", "transform", "marginBottom"].forEach(function (name) { frame.style[name] = ""; });
      onPaper = false;
    });
  }

  function homeButton(whole) {
    var Home = L.Control.extend({
      options: { position: "topleft" },
      onAdd: function () {
        var bar = L.DomUtil.create("div", "leaflet-bar home");
        var button = element("button", "", "⤢");
        button.type = "button";
        button.title = "Show everything";
        button.setAttribute("aria-label", "Show everything");
        bar.appendChild(button);
        L.DomEvent.disableClickPropagation(bar);
        button.addEventListener("click", whole);
        return bar;
      }
    });
    new Home().addTo(map);
  }

  function search(layers) {
    var box = document.getElementById("find"), list = document.getElementById("found");
    var all = [];
    layers.forEach(function (layer) {
      layer.features.forEach(function (feature) {
        if (feature.layer.name < 0) return;
        var second = feature.layer.second >= 0 ? feature.layer.values[feature.layer.second][feature.row] : null;
        all.push([(nameOf(feature) + "\n" + (second || "")).toLocaleLowerCase(), feature, layer]);
      });
    });
    if (!all.length) return;
    document.getElementById("search").hidden = false;
    box.addEventListener("input", function () {
      var wanted = box.value.trim().toLocaleLowerCase();
      list.textContent = "";
      if (!wanted) return;
      all.filter(function (entry) { return entry[0].indexOf(wanted) >= 0; }).slice(0, 8).forEach(function (entry) {
        var line = element("li"), button = element("button");
        button.type = "button";
        button.appendChild(element("bdi", "", nameOf(entry[1])));
        button.appendChild(isolated("small", "", entry[1].layer.title));
        button.addEventListener("click", function () {
          if (!map.hasLayer(entry[2].shown)) entry[2].shown.addTo(map);
          map.fitBounds(boundsOf(entry[1]), { padding: [40, 40], maxZoom: 13, animate: false });
          open([entry[1]], centre(entry[1]));
        });
        line.appendChild(button);
        list.appendChild(line);
      });
      if (!list.firstChild) list.appendChild(element("li", "none", "Nothing of that name."));
    });
  }

  /* The long table is built when someone opens it: a thousand rows cost a phone a second. */
  function figures(metrics) {
    var box = document.getElementById("figures");
    if (!box || !metrics) return;
    var built = false;
    function build() {
      if (built) return;
      built = true;
      var table = element("table", "figures");
      var head = table.createTHead().insertRow();
      metrics.columns.forEach(function (name) {
        var cell = element("th", "", name);
        cell.setAttribute("scope", "col");
        head.appendChild(cell);
      });
      var body = table.createTBody();
      metrics.rows.forEach(function (values) {
        var line = body.insertRow();
        values.forEach(function (value, i) {
          line.appendChild(isolated("td", i === metrics.number ? "number" : "", value));
        });
      });
      var frame = element("div", "scroll");
      frame.tabIndex = 0;
      frame.appendChild(table);
      box.appendChild(frame);
    }
    box.addEventListener("toggle", function () { if (box.open) build(); });
    if (box.open) build();
  }

  /* ---- the quiet background: lines of latitude and longitude ---- */

  function graticule() {
    var pane = map.createPane("graticule");
    pane.style.zIndex = 350;
    pane.style.pointerEvents = "none";
    var lines = L.layerGroup().addTo(map);
    var steps = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
    function degrees(value, step, letters) {
      var digits = step >= 1 ? 0 : Math.ceil(-Math.log(step) / Math.LN10);
      return Math.abs(value).toFixed(digits) + "°" + (value < 0 ? letters[1] : letters[0]);
    }
    function label(at, text, className) {
      L.marker(at, {
        pane: "graticule", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "graticule-label " + className, html: element("span", "", text), iconSize: [0, 0] })
      }).addTo(lines);
    }
    function draw() {
      lines.clearLayers();
      var box = map.getBounds();
      var wide = box.pad(0.5);
      var south = Math.max(box.getSouth(), -85), north = Math.min(box.getNorth(), 85);
      var span = Math.max(box.getEast() - box.getWest(), 1e-6);
      var step = steps.filter(function (s) { return s <= span / 4; })[0] || 0.001;
      var style = { pane: "graticule", interactive: false, color: "#c3cad1", weight: 1, opacity: 0.9, renderer: pen };
      for (var i = Math.ceil(box.getWest() / step); i * step <= box.getEast(); i++) {
        L.polyline([[Math.max(wide.getSouth(), -85), i * step], [Math.min(wide.getNorth(), 85), i * step]], style).addTo(lines);
        label([box.getNorth(), i * step], degrees(i * step, step, "EW"), "top");
      }
      for (var j = Math.ceil(south / step); j * step <= north; j++) {
        L.polyline([[j * step, wide.getWest()], [j * step, wide.getEast()]], style).addTo(lines);
        label([j * step, box.getEast()], degrees(j * step, step, "NS"), "side");
      }
    }
    var pen = L.svg({ pane: "graticule", padding: 0.5 });
    map.on("moveend resize", draw);
    draw();
  }

  payload().then(start).catch(function (error) {
    fail("The map could not be drawn: " + (error && error.message ? error.message : error));
  });
})();
